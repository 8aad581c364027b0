/* Generate: a part from nothing, or around a clip, on the track where the device stands. */

var TOOL = {
  name: "Generate",
  address: "generate",
  parts: ["drums", "melody", "bass", "chords"],
  isOnOwnTrack: true,
  isWithoutTarget: true,
  hasPieces: true,
  ofDrums: ["style"],
  ofPitches: ["hold_chords", "notes_per_bar"],
  hasWishes: true,
  letters: { near: 9 },
  clips: [
    { field: "near", holder: "near", label: "Near" },
    { field: "keep", holder: "keep", label: "Keep" },
    { field: "chords", holder: "chords", label: "Chords", areChords: true }
  ]
};

/* Tempo and metre are the Set's; the variety stays as it is where its switch is off. */
TOOL.settle = function (values) {
  var song = LiveSet.root("live_set");
  values.tempo = LiveSet.number(song, "tempo", 120);
  values.numerator = LiveSet.number(song, "signature_numerator", 4);
  values.denominator = LiveSet.number(song, "signature_denominator", 4);
  values.end_temperature = values.ramp ? values.end_temperature : -1;
  values.part = Parts.chosen();
  Scale.settle(values);
  return "";
};

/* Live's scale is shown while nothing is pressed. */
TOOL.open = function () {
  Scale.open();
};

TOOL.look = function () {
  Scale.show();
};
