/* Drumify: a drum kit on the rhythm of any clip, on the track where the device stands. */

var TOOL = {
  name: "Drumify",
  address: "drumify",
  isOnOwnTrack: true,
  hasPieces: true,
  clips: [
    { field: "clip", isNeeded: true },
    { field: "keep", holder: "keep", label: "Keep" }
  ]
};
