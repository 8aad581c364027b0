/* Generate as a note generator of Live 12: as many bars as the selection begins. */

var TOOL = {
  name: "Generate",
  address: "generate",
  isGenerator: true
};

TOOL.settle = function (values, frame) {
  var bar = PROTOCOL.ticksPerBeat * 4 * frame.numerator / frame.denominator;
  values.bars = Math.min(16, Math.max(1, Math.ceil((frame.loop_end - frame.loop_start) / bar)));
  values.tempo = frame.tempo;
  values.numerator = frame.numerator;
  values.denominator = frame.denominator;
};
