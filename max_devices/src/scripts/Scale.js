/*
 * Live's scale, which Live 12 has for the whole Set: its root, its intervals, its name, and whether
 * it is on. Where the device's switch is on, no note outside of it is played.
 */

var Scale = {
  SINCE: 1200,
  isThere: false,
  ROOTS: ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
};

Scale.open = function () {
  Scale.isThere = LiveSet.version() >= Scale.SINCE;
};

/* { root, mask }: the root from 0, C, and the intervals as a sum; null where Live's scale is off. */
Scale.read = function () {
  var song = LiveSet.root("live_set");
  var intervals;
  var mask = 0;
  var i;
  if (!Scale.isThere || !LiveSet.number(song, "scale_mode")) {
    return null;
  }
  intervals = LiveSet.values(song, "scale_intervals");
  for (i = 0; i < intervals.length; i += 1) {
    /*jslint bitwise: true */
    mask = mask | (1 << Math.round(Number(intervals[i])) % 12);
  }
  return mask ? { root: Scale.root(song), mask: mask } : null;
};

Scale.root = function (song) {
  return Math.min(11, Math.max(0, Math.round(LiveSet.number(song, "root_note"))));
};

/*
 * Puts Live's scale into a request. It is a lock where the switch is on; where it is off, a tool that
 * begins from nothing still wishes for it.
 */
Scale.settle = function (values) {
  var scale = Scale.read();
  values.lock = values.in_scale ? 1 : 0;
  if (scale && (values.in_scale || TOOL.hasWishes)) {
    values.root = scale.root;
    values.scale = scale.mask;
  }
};

/* Shows beside the switch which scale it would be. */
Scale.show = function () {
  var song = LiveSet.root("live_set");
  if (!Scale.isThere) {
    Screen.write("scale", Words.noScale);
  } else if (!LiveSet.number(song, "scale_mode")) {
    Screen.write("scale", Words.scaleOff);
  } else {
    Screen.write("scale", Words.short(Scale.ROOTS[Scale.root(song)] + " " +
        LiveSet.words(song, "scale_name"), 16));
  }
};
