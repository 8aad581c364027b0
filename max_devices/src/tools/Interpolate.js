/* Interpolate: the way from one clip to another, or the square between four. */

var TOOL = {
  name: "Interpolate",
  address: "interpolate",
  parts: ["auto", "drums", "pitches"],
  hasPieces: true,
  ofDrums: [],
  ofPitches: [],
  hasWay: true,
  letters: { a: 8, b: 8, c: 8, d: 8 },
  clips: [
    { field: "a", holder: "a", label: "A", isNeeded: true, lack: "Select a clip and press A." },
    { field: "b", holder: "b", label: "B", isNeeded: true, lack: "Select a clip and press B." },
    { field: "c", holder: "c", label: "C" },
    { field: "d", holder: "d", label: "D" },
    { field: "keep", holder: "keep", label: "Keep" }
  ]
};

/* Four clips make a square of 9 or 16 takes; three make nothing. */
TOOL.settle = function (values) {
  if (!values.c !== !values.d) {
    return "A square needs C and D; clear the one that is set, or set both.";
  }
  if (values.c) {
    values.steps = values.steps > 9 ? 16 : 9;
  }
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
