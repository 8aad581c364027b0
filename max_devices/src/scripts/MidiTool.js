/*
 * A MIDI Tool of Live 12. Live wants the answer in the very moment of the question, and the bridge
 * needs longer: so what came in goes back as it is, the bridge is asked, its answer is kept, and
 * Live is asked to ask again. The second time the answer is there. What was kept is found by
 * everything that made it, so nothing is ever put into another clip.
 *
 * Nobody has seen this pattern work in a real Live; the five devices do not rest on it.
 */

inlets = 2;
outlets = 5;
autowatch = 0;

setinletassist(0, "notes from live.miditool.in, the controls and udpreceive");
setinletassist(1, "context from live.miditool.in");
setoutletassist(0, "to udpsend");
setoutletassist(1, "to the controls");
setoutletassist(2, "to udpreceive");
setoutletassist(3, "to live.miditool.out");
setoutletassist(4, "a bang to live.miditool.in");

var Conversation = { job: null };

var Device = {
  isOpen: false,
  values: {},
  id: 0,
  lastTick: 0
};

var MidiTool = {
  ANSWER: 3,
  ASK: 4,
  MOST_KEPT: 32,
  kept: {},
  order: [],
  notes: null,
  context: null,
  dictionary: "",
  newSeeds: 0,
  asked: ""
};

Device.open = function () {
  Screen.shown = {};
  Screen.askValues();
  if (!Device.isOpen) {
    Device.isOpen = true;
    MidiTool.out = new Dict("clipbridge-" + Clock.now());
    Device.id = Math.floor(Clock.now() / 1000) % 2000000 * 1000;
    Device.say(Words.starting);
    Link.open("Clipbridge " + TOOL.name + " (MIDI Tool)", Device.id % 1000000000 + 1, Device);
    Device.lastTick = Clock.now();
    Clock.every(Device.tick, Link.TICK);
  }
};

Device.tick = function () {
  var now = Clock.now();
  var passed = Math.max(0, now - Device.lastTick);
  Device.lastTick = now;
  Link.tick(passed);
  if (Conversation.job && Link.state === "found") {
    Conversation.job.tick(passed);
  }
};

Device.guarded = function (action) {
  try {
    action();
  } catch (fault) {
    error("Clipbridge " + TOOL.name + ": " + fault + "\n");
    Device.say(Words.fault);
  }
};

Device.say = function (text) {
  Screen.write("state", text);
};

Device.nextId = function () {
  Device.id = Device.id % 2000000000 + 1;
  return Device.id;
};

/* The link's listener. */
Device.found = function (isNew) {
  Device.say(Words.ready);
  if (Conversation.job && isNew) {
    Conversation.job.begin();
  }
};

Device.lost = function (how) {
  Device.say(how === "stopped" ? Words.stopped : Words.lost);
};

Device.absent = function () {
  Device.say(Words.absentTool);
};

Device.refused = function (text) {
  Device.say(text);
};

Device.noPort = function () {
  Device.say(Words.noPort);
};

/* A dictionary of live.miditool.in: notes or context, in whichever order they come. */
MidiTool.receive = function (isContext, name) {
  var read = JSON.parse(new Dict(name).stringify());
  if (isContext) {
    MidiTool.context = read;
  } else {
    MidiTool.notes = Notes.parse(read);
    MidiTool.dictionary = name;
  }
  if (MidiTool.context && MidiTool.notes) {
    MidiTool.answer();
  }
};

/* Answers at once: with what is kept for just this question, else with what came. */
MidiTool.answer = function () {
  var key = MidiTool.key();
  var notes = MidiTool.notes;
  var context = MidiTool.context;
  MidiTool.notes = null;
  MidiTool.context = null;
  if (MidiTool.kept[key]) {
    MidiTool.give(MidiTool.kept[key]);
    Device.say(Words.applied);
  } else {
    outlet(MidiTool.ANSWER, ["dictionary", MidiTool.dictionary]);
    MidiTool.ask(key, notes, context);
  }
};

MidiTool.give = function (notes) {
  MidiTool.out.parse(JSON.stringify({ notes: notes }));
  outlet(MidiTool.ANSWER, ["dictionary", MidiTool.out.name]);
};

/* Everything that makes an answer, as one text. */
MidiTool.key = function () {
  var clip = MidiTool.context.clip || {};
  var parts = [
    Notes.fingerprint(MidiTool.notes),
    clip.time_selection_start,
    clip.time_selection_end,
    MidiTool.newSeeds
  ];
  var name;
  for (name in Device.values) {
    if (Device.values.hasOwnProperty(name)) {
      parts.push(name + Device.values[name]);
    }
  }
  return parts.join(" ");
};

/* Sends the notes as a clip that is as long as the selection, and asks for one take of it. */
MidiTool.ask = function (key, notes, context) {
  var values = {};
  var frame = MidiTool.frame(context.clip || {});
  var rows = [];
  var name;
  var i;
  if (Link.state !== "found" || (!notes.length && !TOOL.isGenerator) || MidiTool.asked === key) {
    return;
  }
  for (name in Device.values) {
    if (Device.values.hasOwnProperty(name)) {
      values[name] = Device.values[name];
    }
  }
  for (i = 0; i < notes.length; i += 1) {
    rows.push(Notes.row(notes[i]));
  }
  frame.count = rows.length;
  values.takes = 1;
  values.seed = Math.round(values.seed || 1) + MidiTool.newSeeds;
  values.clip = TOOL.isGenerator ? 0 : Device.nextId();
  values.id = Device.nextId();
  if (TOOL.settle) {
    TOOL.settle(values, frame);
  }
  MidiTool.asked = key;
  Device.say(Words.working(0));
  Conversation.job = new Job(PROTOCOL.addresses[TOOL.address], values.id,
    Request.atoms(PROTOCOL.addresses[TOOL.address], values),
    TOOL.isGenerator ? [] : [{ id: values.clip, frame: frame, rows: rows }],
    MidiTool.listener(key, notes, frame));
};

/* Tempo and metre are the Set's, where a MIDI Tool may ask for them. */
MidiTool.frame = function (clip) {
  var start = Notes.ticks(Number(clip.time_selection_start || 0));
  var end = Math.max(start + 1, Notes.ticks(Number(clip.time_selection_end || 4)));
  return {
    length: Math.max(1, end),
    loop_start: start,
    loop_end: end,
    looping: 1,
    numerator: MidiTool.ofSong("signature_numerator", 4),
    denominator: MidiTool.ofSong("signature_denominator", 4),
    tempo: MidiTool.ofSong("tempo", 120),
    drums: 1,
    count: 0,
    checksum: 0
  };
};

MidiTool.ofSong = function (property, otherwise) {
  var value;
  try {
    value = Number(new LiveAPI("live_set").get(property));
  } catch (fault) {
    value = 0;
  }
  return value > 0 ? value : otherwise;
};

/* What the job says of itself: a take is kept, and Live asked to ask again. */
MidiTool.listener = function (key, notes, frame) {
  return {
    state: function (word, fraction) {
      if (word === "working") {
        Device.say(Words.working(fraction));
      }
    },
    take: function (take) {
      MidiTool.keep(key, MidiTool.notesOf(take, notes, frame));
    },
    done: function () {
      Conversation.job = null;
      MidiTool.asked = "";
      Device.say(Words.pressApply);
      outlet(MidiTool.ASK, "bang");
    },
    failed: function (code, text) {
      Conversation.job = null;
      MidiTool.asked = "";
      Device.say(text);
    }
  };
};

MidiTool.notesOf = function (take, sources, frame) {
  var byId = {};
  var notes = [];
  var shift = TOOL.isGenerator ? Notes.beats(frame.loop_start - take.frame.loop_start) : 0;
  var i;
  var row;
  var source;
  var note;
  for (i = 0; i < sources.length; i += 1) {
    byId[sources[i].note_id] = sources[i];
  }
  for (i = 0; i < take.rows.length; i += 1) {
    row = take.rows[i];
    source = byId[row[8]];
    note = Notes.note(row, source);
    note.start_time += shift;
    if (source) {
      note.note_id = source.note_id;
    }
    notes.push(note);
  }
  return notes;
};

/* Keeps an answer; the oldest goes where there are many. */
MidiTool.keep = function (key, notes) {
  MidiTool.kept[key] = notes;
  MidiTool.order.push(key);
  if (MidiTool.order.length > MidiTool.MOST_KEPT) {
    delete MidiTool.kept[MidiTool.order.shift()];
  }
};

MidiTool.control = function (name, value) {
  if (name === "again") {
    MidiTool.newSeeds += 1;
  } else {
    Device.values[name] = value;
  }
  // Live applies a tool anew when one of its controls is turned; so do we, once all have spoken.
  if (Device.isOpen) {
    outlet(MidiTool.ASK, "bang");
  }
};

function bang() {
  Device.guarded(Device.open);
}

function dictionary(name) {
  var isContext = inlet === 1;
  Device.guarded(function () {
    MidiTool.receive(isContext, String(name));
  });
}

function anything() {
  var name = messagename;
  var values = arrayfromargs(arguments);
  Device.guarded(function () {
    if (name.charAt(0) !== "/") {
      MidiTool.control(name, Number(values[0]));
    } else if (!Link.hear(name, values) && Conversation.job) {
      Conversation.job.hear(name, values);
    }
  });
}

function notifydeleted() {
  Link.release();
}
