/* Continue: what comes after a clip, be it drums or music of pitches, or in some bars of it. */

var TOOL = {
  name: "Continue",
  address: "continue",
  parts: ["auto", "drums", "melody", "bass", "chords"],
  hasPieces: true,
  ofDrums: [],
  ofPitches: ["hold_chords"],
  clips: [
    { field: "clip", isNeeded: true },
    { field: "keep", holder: "keep", label: "Keep" },
    { field: "chords", holder: "chords", label: "Chords", areChords: true }
  ]
};

/* Inside the clip it is another request; bars are counted from 1 by musicians. */
TOOL.addressFor = function (values) {
  return values.where ? "infill" : "continue";
};

TOOL.settle = function (values, areDrums) {
  values.first_bar = Math.max(0, (values.first_bar || 1) - 1);
  values.part = areDrums ? Parts.AUTO : Parts.chosen();
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
