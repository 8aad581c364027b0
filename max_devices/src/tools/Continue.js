/* Continue: what a drummer would play after the clip, or in some bars of it. */

var TOOL = {
  name: "Continue",
  address: "continue",
  drums: true,
  hasPieces: true,
  clips: [
    { field: "clip", isNeeded: true },
    { field: "keep", holder: "keep", label: "Keep" }
  ]
};

/* Inside the clip it is another request; bars are counted from 1 by musicians. */
TOOL.addressFor = function (values) {
  return values.where ? "infill" : "continue";
};

TOOL.settle = function (values) {
  values.first_bar = Math.max(0, (values.first_bar || 1) - 1);
  return "";
};
