/*
 * Which part a clip plays. The menu says it, or, at Auto, the clip itself: it is drums where its
 * track has a Drum Rack, where track or clip is called so, or where it looks like a beat. BEAT says
 * what a beat looks like, as the bridge itself goes by with MIDI files.
 */

var Parts = {
  AUTO: "auto",
  DRUMS: "drums",
  NAME: new RegExp(BEAT.name, "i"),
  // What only counts for drums, and what only counts for the rest, besides what a tool names.
  OF_DRUMS: ["kit", "piece0", "piece1", "piece2", "piece3", "piece4", "piece5", "piece6",
    "piece7", "piece8"],
  OF_PITCHES: ["in_scale", "lowest", "highest"]
};

/* The word of the menu; a tool without one only knows drums. */
Parts.chosen = function () {
  var place = Math.round(Device.value("part", 0));
  return TOOL.parts ? TOOL.parts[Math.min(TOOL.parts.length - 1, Math.max(0, place))] : Parts.DRUMS;
};

/* Whether a request is for drums. sources: all clips that it is about, the chords not among them. */
Parts.areDrums = function (sources) {
  var chosen = Parts.chosen();
  var i;
  if (chosen !== Parts.AUTO) {
    return chosen === Parts.DRUMS;
  }
  for (i = 0; i < sources.length; i += 1) {
    if (Parts.isBeat(sources[i])) {
      return true;
    }
  }
  return false;
};

Parts.isBeat = function (source) {
  var track = source.place.track;
  return Pads.read(track).length > 0 || Parts.NAME.test(LiveSet.words(track, "name")) ||
    Parts.NAME.test(source.name) || Parts.looksLikeBeat(source.rows);
};

/* Keys of a drum kit only, a kick and a snare among them, and much that keeps time. */
Parts.looksLikeBeat = function (rows) {
  var found = { kicks: 0, snares: 0, timekeepers: 0 };
  var kind;
  var i;
  for (i = 0; i < rows.length; i += 1) {
    if (BEAT.keys.indexOf(rows[i][0]) < 0) {
      return false;
    }
    for (kind in found) {
      if (found.hasOwnProperty(kind) && BEAT[kind].indexOf(rows[i][0]) >= 0) {
        found[kind] += 1;
      }
    }
  }
  return found.kicks > 0 && found.snares > 0 && found.timekeepers >= BEAT.share * rows.length;
};

/* Greys what does not count for the part that is chosen. */
Parts.show = function () {
  var chosen = Parts.chosen();
  if (TOOL.parts) {
    Parts.enable(Parts.OF_DRUMS.concat(TOOL.ofDrums), chosen === Parts.AUTO || chosen === Parts.DRUMS);
    Parts.enable(Parts.OF_PITCHES.concat(TOOL.ofPitches), chosen !== Parts.DRUMS);
  }
};

Parts.enable = function (names, areActive) {
  var i;
  for (i = 0; i < names.length; i += 1) {
    Screen.enable(names[i], areActive);
  }
};
