/* Interpolate: the way from one beat to another, or the square between four. */

var TOOL = {
  name: "Interpolate",
  address: "interpolate",
  drums: true,
  hasPieces: true,
  hasWay: true,
  heldLetters: 8,
  clips: [
    { field: "a", holder: "a", label: "A", isNeeded: true, lack: "Select a clip and press A." },
    { field: "b", holder: "b", label: "B", isNeeded: true, lack: "Select a clip and press B." },
    { field: "c", holder: "c", label: "C" },
    { field: "d", holder: "d", label: "D" }
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
  return "";
};
