/*
 * The protocol between the devices and the bridge, as constants.
 * Generated from bridge/protocol/table.py by: python -m bridge.protocol.manual
 */

var PROTOCOL = {
  number: 1,
  host: "127.0.0.1",
  ports: [17177, 17178, 17179, 17180, 17181, 17182, 17183, 17184],
  ticksPerBeat: 20160,
  maxNotes: 20000,
  notesPerPiece: 20,
  atomsPerNote: 9,
  piecesListed: 190,
  burst: 16,
  pauseMs: 8,
  maxAtoms: 250,
  maxBytes: 1024,
  errorCodes: ["internal", "bad-request", "unknown-address", "version", "unknown-clip", "checksum", "no-notes", "too-long", "busy", "cancelled", "timeout", "model-missing", "model-failed", "midi-file", "setting", "port-taken", "data-missing", "export"],
  addresses: {
    hello: "/bridge/hello",
    bye: "/bridge/bye",
    askStatus: "/bridge/status",
    askModels: "/bridge/models",
    sync: "/bridge/sync",
    cancel: "/bridge/cancel",
    clipBegin: "/bridge/clip/begin",
    clipNotes: "/bridge/clip/notes",
    clipEnd: "/bridge/clip/end",
    groove: "/bridge/groove",
    continue: "/bridge/continue",
    generate: "/bridge/generate",
    infill: "/bridge/infill",
    drumify: "/bridge/drumify",
    interpolate: "/bridge/interpolate",
    resend: "/bridge/take/resend",
    helloReply: "/bridge/hello.reply",
    byeReply: "/bridge/bye.reply",
    statusReply: "/bridge/status.reply",
    modelsReply: "/bridge/models.reply",
    synced: "/bridge/synced",
    clipReady: "/bridge/clip/ready",
    clipMissing: "/bridge/clip/missing",
    accepted: "/bridge/accepted",
    progress: "/bridge/progress",
    takeBegin: "/bridge/take/begin",
    takeNotes: "/bridge/take/notes",
    takeEnd: "/bridge/take/end",
    done: "/bridge/done",
    fail: "/bridge/fail"
  },
  frameFields: [
    { name: "length", type: "i", low: 1, high: 2147483647 },
    { name: "loop_start", type: "i", low: -2147483647, high: 2147483646 },
    { name: "loop_end", type: "i", low: -2147483646, high: 2147483647 },
    { name: "looping", type: "i", low: 0, high: 1 },
    { name: "numerator", type: "i", low: 1, high: 99 },
    { name: "denominator", type: "i", low: 1, high: 32 },
    { name: "tempo", type: "f", low: 20.0, high: 999.0 },
    { name: "drums", type: "i", low: 0, high: 1 },
    { name: "count", type: "i", low: 0, high: 20000 },
    { name: "checksum", type: "i", low: 0, high: 2147483646 }
  ],
  noteFields: [
    { name: "pitch", type: "i", low: 0, high: 127 },
    { name: "start", type: "i", low: -2147483647, high: 2147483647 },
    { name: "duration", type: "i", low: 1, high: 2147483647 },
    { name: "velocity", type: "f", low: 1, high: 127 },
    { name: "mute", type: "i", low: 0, high: 1 },
    { name: "probability", type: "f", low: 0, high: 1 },
    { name: "velocity_deviation", type: "f", low: -127, high: 127 },
    { name: "release_velocity", type: "f", low: 0, high: 127 },
    { name: "note_id", type: "i", low: 0, high: 2147483647 }
  ],
  // By address. A field with a fallback may be left out, if all after it are.
  messages: {
    "/bridge/hello": {
      reply: false,
      fields: [
        { name: "reply_port", type: "i", low: 0, high: 65535 },
        { name: "client", type: "s", limit: 64 },
        { name: "protocol", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/bye": {
      reply: false,
      fields: []
    },
    "/bridge/status": {
      reply: false,
      fields: []
    },
    "/bridge/models": {
      reply: false,
      fields: []
    },
    "/bridge/sync": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/cancel": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/clip/begin": {
      reply: false,
      fields: [
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "length", type: "i", low: 1, high: 2147483647 },
        { name: "loop_start", type: "i", low: -2147483647, high: 2147483646 },
        { name: "loop_end", type: "i", low: -2147483646, high: 2147483647 },
        { name: "looping", type: "i", low: 0, high: 1 },
        { name: "numerator", type: "i", low: 1, high: 99 },
        { name: "denominator", type: "i", low: 1, high: 32 },
        { name: "tempo", type: "f", low: 20.0, high: 999.0 },
        { name: "drums", type: "i", low: 0, high: 1 },
        { name: "count", type: "i", low: 0, high: 20000 },
        { name: "checksum", type: "i", low: 0, high: 2147483646 }
      ]
    },
    "/bridge/clip/notes": {
      reply: false,
      fields: [
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "piece", type: "i", low: 0, high: 999 }
      ],
      least: 1,
      most: 20,
      tail: [
        { name: "pitch", type: "i", low: 0, high: 127 },
        { name: "start", type: "i", low: -2147483647, high: 2147483647 },
        { name: "duration", type: "i", low: 1, high: 2147483647 },
        { name: "velocity", type: "f", low: 1, high: 127 },
        { name: "mute", type: "i", low: 0, high: 1 },
        { name: "probability", type: "f", low: 0, high: 1 },
        { name: "velocity_deviation", type: "f", low: -127, high: 127 },
        { name: "release_velocity", type: "f", low: 0, high: 127 },
        { name: "note_id", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/clip/end": {
      reply: false,
      fields: [
        { name: "clip", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/groove": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "amount", type: "f", low: 0, high: 100, fallback: 100.0 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "feel", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "centre", type: "i", low: 0, high: 1, fallback: 0 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" }
      ]
    },
    "/bridge/continue": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "bars", type: "i", low: 1, high: 32, fallback: 4 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "pieces", type: "i", low: 1, high: 511, fallback: 511 },
        { name: "most", type: "i", low: 1, high: 9, fallback: 9 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" },
        { name: "keep", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "part", type: "s", choices: ["auto", "melody", "bass", "chords"], fallback: "auto" },
        { name: "root", type: "i", low: -1, high: 11, fallback: -1 },
        { name: "scale", type: "i", low: 0, high: 4095, fallback: 0 },
        { name: "lowest", type: "i", low: 0, high: 127, fallback: 0 },
        { name: "highest", type: "i", low: 0, high: 127, fallback: 127 },
        { name: "chords", type: "i", low: 0, high: 2147483647, fallback: 0 }
      ]
    },
    "/bridge/generate": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "bars", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "style", type: "s", choices: ["any", "afrobeat", "afrocuban", "blues", "country", "dance", "funk", "gospel", "highlife", "hiphop", "jazz", "latin", "middleeastern", "neworleans", "pop", "punk", "reggae", "rock", "soul"], fallback: "any" },
        { name: "tempo", type: "f", low: 20.0, high: 999.0, fallback: 120.0 },
        { name: "numerator", type: "i", low: 1, high: 99, fallback: 4 },
        { name: "denominator", type: "i", low: 1, high: 32, fallback: 4 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "end_temperature", type: "f", low: -1, high: 2, fallback: -1.0 },
        { name: "pieces", type: "i", low: 1, high: 511, fallback: 511 },
        { name: "most", type: "i", low: 1, high: 9, fallback: 9 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" },
        { name: "keep", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "near", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "distance", type: "f", low: 0, high: 100, fallback: 50.0 },
        { name: "part", type: "s", choices: ["drums", "melody", "bass", "chords"], fallback: "drums" },
        { name: "root", type: "i", low: -1, high: 11, fallback: -1 },
        { name: "scale", type: "i", low: 0, high: 4095, fallback: 0 },
        { name: "lowest", type: "i", low: 0, high: 127, fallback: 0 },
        { name: "highest", type: "i", low: 0, high: 127, fallback: 127 },
        { name: "chords", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "notes_per_bar", type: "f", low: 0, high: 64, fallback: 0.0 },
        { name: "lock", type: "i", low: 0, high: 1, fallback: 1 }
      ]
    },
    "/bridge/infill": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "first_bar", type: "i", low: 0, high: 99999, fallback: 0 },
        { name: "bars", type: "i", low: 1, high: 16, fallback: 1 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "pieces", type: "i", low: 1, high: 511, fallback: 511 },
        { name: "most", type: "i", low: 1, high: 9, fallback: 9 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" },
        { name: "keep", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "part", type: "s", choices: ["auto", "melody", "bass", "chords"], fallback: "auto" },
        { name: "root", type: "i", low: -1, high: 11, fallback: -1 },
        { name: "scale", type: "i", low: 0, high: 4095, fallback: 0 },
        { name: "lowest", type: "i", low: 0, high: 127, fallback: 0 },
        { name: "highest", type: "i", low: 0, high: 127, fallback: 127 }
      ]
    },
    "/bridge/drumify": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "clip", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16, fallback: 4 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "hits_per_bar", type: "f", low: 0, high: 64, fallback: 0.0 },
        { name: "pieces", type: "i", low: 1, high: 511, fallback: 511 },
        { name: "most", type: "i", low: 1, high: 9, fallback: 4 },
        { name: "fill", type: "i", low: 0, high: 1, fallback: 1 },
        { name: "swing", type: "i", low: 0, high: 1, fallback: 1 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" },
        { name: "keep", type: "i", low: 0, high: 2147483647, fallback: 0 }
      ]
    },
    "/bridge/interpolate": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "a", type: "i", low: 1, high: 2147483647 },
        { name: "b", type: "i", low: 1, high: 2147483647 },
        { name: "c", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "d", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "steps", type: "i", low: 3, high: 16, fallback: 5 },
        { name: "seed", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "temperature", type: "f", low: 0, high: 2, fallback: 1.0 },
        { name: "pieces", type: "i", low: 1, high: 511, fallback: 511 },
        { name: "most", type: "i", low: 1, high: 9, fallback: 9 },
        { name: "kit", type: "s", choices: ["general-midi", "roland", "user"], fallback: "general-midi" },
        { name: "keep", type: "i", low: 0, high: 2147483647, fallback: 0 },
        { name: "root", type: "i", low: -1, high: 11, fallback: -1 },
        { name: "scale", type: "i", low: 0, high: 4095, fallback: 0 },
        { name: "lowest", type: "i", low: 0, high: 127, fallback: 0 },
        { name: "highest", type: "i", low: 0, high: 127, fallback: 127 }
      ]
    },
    "/bridge/take/resend": {
      reply: false,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "take", type: "i", low: 0, high: 15 }
      ],
      least: 0,
      most: 190,
      tail: [
        { name: "piece", type: "i", low: 0, high: 999 }
      ]
    },
    "/bridge/hello.reply": {
      reply: true,
      fields: [
        { name: "version", type: "s", limit: 64 },
        { name: "protocol", type: "i", low: 1, high: 2147483647 },
        { name: "session", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/bye.reply": {
      reply: true,
      fields: []
    },
    "/bridge/status.reply": {
      reply: true,
      fields: [
        { name: "state", type: "s", choices: ["starting", "ready", "working", "stopping"] },
        { name: "queued", type: "i", low: 0, high: 2147483647 },
        { name: "running", type: "i", low: 0, high: 2147483647 },
        { name: "model", type: "s", limit: 64 },
        { name: "provider", type: "s", limit: 64 },
        { name: "memory_mb", type: "i", low: 0, high: 2147483647 },
        { name: "uptime_s", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/models.reply": {
      reply: true,
      fields: [
        { name: "index", type: "i", low: 0, high: 2147483647 },
        { name: "count", type: "i", low: 0, high: 2147483647 },
        { name: "name", type: "s", limit: 64 },
        { name: "tool", type: "s", limit: 64 },
        { name: "state", type: "s", choices: ["missing", "damaged", "found", "loaded"] },
        { name: "parameters", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/synced": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/clip/ready": {
      reply: true,
      fields: [
        { name: "clip", type: "i", low: 1, high: 2147483647 }
      ]
    },
    "/bridge/clip/missing": {
      reply: true,
      fields: [
        { name: "clip", type: "i", low: 1, high: 2147483647 }
      ],
      least: 0,
      most: 190,
      tail: [
        { name: "piece", type: "i", low: 0, high: 999 }
      ]
    },
    "/bridge/accepted": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "position", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/progress": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "fraction", type: "f", low: 0, high: 1 },
        { name: "state", type: "s", choices: ["queued", "loading", "working", "sending"] }
      ]
    },
    "/bridge/take/begin": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "take", type: "i", low: 0, high: 15 },
        { name: "takes", type: "i", low: 1, high: 16 },
        { name: "seed", type: "i", low: 0, high: 2147483647 },
        { name: "length", type: "i", low: 1, high: 2147483647 },
        { name: "loop_start", type: "i", low: -2147483647, high: 2147483646 },
        { name: "loop_end", type: "i", low: -2147483646, high: 2147483647 },
        { name: "looping", type: "i", low: 0, high: 1 },
        { name: "numerator", type: "i", low: 1, high: 99 },
        { name: "denominator", type: "i", low: 1, high: 32 },
        { name: "tempo", type: "f", low: 20.0, high: 999.0 },
        { name: "drums", type: "i", low: 0, high: 1 },
        { name: "count", type: "i", low: 0, high: 20000 },
        { name: "checksum", type: "i", low: 0, high: 2147483646 }
      ]
    },
    "/bridge/take/notes": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "take", type: "i", low: 0, high: 15 },
        { name: "piece", type: "i", low: 0, high: 999 }
      ],
      least: 1,
      most: 20,
      tail: [
        { name: "pitch", type: "i", low: 0, high: 127 },
        { name: "start", type: "i", low: -2147483647, high: 2147483647 },
        { name: "duration", type: "i", low: 1, high: 2147483647 },
        { name: "velocity", type: "f", low: 1, high: 127 },
        { name: "mute", type: "i", low: 0, high: 1 },
        { name: "probability", type: "f", low: 0, high: 1 },
        { name: "velocity_deviation", type: "f", low: -127, high: 127 },
        { name: "release_velocity", type: "f", low: 0, high: 127 },
        { name: "note_id", type: "i", low: 0, high: 2147483647 }
      ]
    },
    "/bridge/take/end": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "take", type: "i", low: 0, high: 15 }
      ]
    },
    "/bridge/done": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 1, high: 2147483647 },
        { name: "takes", type: "i", low: 1, high: 16 }
      ]
    },
    "/bridge/fail": {
      reply: true,
      fields: [
        { name: "id", type: "i", low: 0, high: 2147483647 },
        { name: "code", type: "s", choices: ["internal", "bad-request", "unknown-address", "version", "unknown-clip", "checksum", "no-notes", "too-long", "busy", "cancelled", "timeout", "model-missing", "model-failed", "midi-file", "setting", "port-taken", "data-missing", "export"] },
        { name: "text", type: "s", limit: 300 }
      ]
    }
  }
};

/*
 * The checksum of a clip. frame: an object with the names of frameFields, of which tempo and
 * checksum do not count; rows: its notes, each an array in the order of noteFields. Only whole
 * numbers count, and no step leaves the range in which a double is exact.
 */
PROTOCOL.checksum = function (frame, rows) {
  var total = 7;
  var i;

  function add(integer) {
    total = (total * 31 + Number(integer)) % 2147483647;
    if (total < 0) {
      total += 2147483647;
    }
  }

  add(frame.length);
  add(frame.loop_start);
  add(frame.loop_end);
  add(frame.looping);
  add(frame.numerator);
  add(frame.denominator);
  add(frame.drums);
  add(rows.length);
  for (i = 0; i < rows.length; i += 1) {
    add(rows[i][0]); // pitch
    add(rows[i][1]); // start
    add(rows[i][2]); // duration
    add(rows[i][4]); // mute
    add(rows[i][8]); // note_id
  }
  return total;
};
