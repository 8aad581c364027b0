/* Continue: what a drummer would play after the clip. */

var TOOL = {
  name: "Continue",
  address: "continue",
  drums: true,
  hasPieces: true,
  clips: [
    { field: "clip", isNeeded: true }
  ]
};
