/* Continue: what a drummer would play after the clip, or in some bars of it. */

var TOOL = {
  name: "Continue",
  address: "continue",
  drums: true,
  hasPieces: true,
  clips: [
    { field: "clip", isNeeded: true }
  ]
};
