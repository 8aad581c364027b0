/*
 * Clips that a tool needs besides the one that is selected: a feel, the corners of a morph. A
 * button keeps the clip that is selected, another one lets it go. They are kept by Live's id and so
 * only as long as the Set is open.
 */

var Holders = {
  held: {}
};

Holders.hold = function (name, clip) {
  Holders.held[name] = clip;
  Holders.show(name);
};

Holders.drop = function (name) {
  Holders.held[name] = 0;
  Holders.show(name);
};

/* The clip that is held; 0 where none is, or where it was deleted. */
Holders.clip = function (name) {
  var clip = Holders.held[name] || 0;
  return LiveSet.lives(clip, "Clip") ? clip : 0;
};

Holders.show = function (name) {
  var clip = Holders.clip(name);
  var most = TOOL.letters && TOOL.letters[name] ? TOOL.letters[name] : 13;
  Screen.write("held_" + name, clip ? Words.short(Target.name(clip), most) : Words.noHeld);
  Screen.enable("drop_" + name, clip !== 0);
};

Holders.showAll = function () {
  var i;
  for (i = 0; i < TOOL.clips.length; i += 1) {
    if (TOOL.clips[i].holder) {
      Holders.show(TOOL.clips[i].holder);
    }
  }
};
