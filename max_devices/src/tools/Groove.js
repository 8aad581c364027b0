/* Groove: the same hits, as a drummer would play them. */

var TOOL = {
  name: "Groove",
  address: "groove",
  keepsOthers: true,
  clips: [
    { field: "clip", isNeeded: true },
    { field: "feel", holder: "feel", label: "Feel" }
  ]
};
