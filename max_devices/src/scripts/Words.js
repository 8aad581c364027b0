/* What the device says. Max keeps every text for ever, so these are few. */

var Words = {
  ready: "Ready.",
  starting: "Looking for the bridge\u2026",
  absent: "The bridge is not running. Press Start, or type: clipbridge serve",
  startTried: "Starting the bridge\u2026 If nothing happens: clipbridge serve",
  lost: "The bridge does not answer any more. Looking for it\u2026",
  stopped: "The bridge was stopped.",
  restarted: "The bridge was started anew. Sending again\u2026",
  noClip: "Select a MIDI clip first.",
  noNotes: "This clip has no notes.",
  tooMany: "This clip has too many notes; select a part of them.",
  reading: "Reading the clip\u2026",
  sending: "Sending the clip\u2026",
  queued: "Waiting for another device\u2026",
  loading: "Loading the model\u2026",
  receiving: "Receiving the takes\u2026",
  cancelling: "Cancelling\u2026",
  cancelled: "Cancelled.",
  gone: "The clip was deleted meanwhile; nothing was written.",
  changed: "The clip was changed meanwhile; nothing was written.",
  changedSince: "The clip was changed meanwhile.",
  trackGone: "The track was deleted meanwhile; nothing was written.",
  cannotWrite: "Live did not make a clip here: is the track frozen?",
  silent: "No answer from the bridge. Press again.",
  noPort: "No free port to listen on; close other programs.",
  seatChanged: "The take was edited; it stays as it is.",
  played: "The clip is played anew. Undo brings it back.",
  absentTool: "The bridge is not running: clipbridge serve",
  applied: "Applied.",
  pressApply: "Ready. If nothing changes, press Apply.",
  noTarget: "No clip",
  noHeld: "no clip",
  noTakes: "no takes",
  noScale: "needs Live 12",
  scaleOff: "off in Live",
  selectOne: "Select a MIDI clip",
  fault: "A fault in the device; Max's console says more."
};

Words.short = function (text, most) {
  return text.length <= most ? text : text.substring(0, most - 1) + "\u2026";
};

Words.working = function (fraction) {
  return "Working\u2026 " + Math.min(100, Math.floor(fraction * 20) * 5) + " %";
};

Words.needs = function (version) {
  return "Clipbridge needs Live " + version + " or newer.";
};

Words.written = function (count) {
  return count === 1 ? "1 take written." : count + " takes written.";
};

Words.playedOf = function (count) {
  return "The clip is played anew, in " + count + " takes: see the row.";
};

Words.oneClip = function (count) {
  return count + (count === 1 ? " take" : " takes") + " in one new clip: see the row.";
};

Words.cancelledAfter = function (count) {
  return "Cancelled after " + Words.written(count).toLowerCase();
};

Words.tested = function (version, provider, milliseconds) {
  return "The bridge " + version + " answers in " + Math.round(milliseconds) + " ms (" +
    (provider || "ready") + ").";
};

Words.fromScene = function (number) {
  return "from scene " + number + " on";
};

Words.fromBar = function (number) {
  return "from bar " + number + " on";
};
