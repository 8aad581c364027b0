/*
 * The parts of the scripts that need no Live: taken out of the built devices and run alone.
 */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const vm = require("node:vm");

const DEVICES = path.join(__dirname, "..");

/** The script inside a built device, between the patcher and the table of files. */
function scriptIn(file) {
  const bytes = fs.readFileSync(path.join(DEVICES, file));
  const start = bytes.indexOf('"use strict";');
  return bytes.subarray(start, bytes.lastIndexOf("dlst")).toString("utf8");
}

/** A script that runs: what it says, what it sends, and its own names. */
function run(file) {
  const said = { out: [], errors: [], dictionaries: new Map() };
  const tasks = [];
  class Task {
    constructor(action) {
      this.action = action;
      tasks.push(this);
    }
    schedule(ms) {
      this.due = ms;
    }
    repeat() {}
    cancel() {}
  }
  class Dict {
    constructor(name) {
      this.name = name;
    }
    parse(text) {
      said.dictionaries.set(this.name, text);
    }
    stringify() {
      return said.dictionaries.get(this.name);
    }
  }
  const names = {
    outlet: (number, what) => said.out.push([number, what]),
    error: (text) => said.errors.push(text),
    arrayfromargs: (args) => Array.from(args),
    setinletassist() {},
    setoutletassist() {},
    messnamed() {},
    post() {},
    Task,
    Dict,
    Global: class {},
    LiveAPI: class {
      get() {
        return [];
      }
    },
    inlets: 0,
    outlets: 0,
    autowatch: 0,
    inlet: 0,
    messagename: ""
  };
  const context = vm.createContext(names);
  new vm.Script(scriptIn(file)).runInContext(context);
  return {
    ...said,
    context,
    take: (expression) => vm.runInContext(expression, context),
    /** Runs what was put off, once. */
    later() {
      for (const task of tasks.splice(0)) {
        if (task.due !== undefined) {
          task.action();
        }
      }
    },
    hear(name, ...values) {
      context.messagename = name;
      context.anything(...values);
    }
  };
}

/** Whole numbers that look like chance and are the same each time. */
function dice(seed) {
  let state = seed;
  return (most) => {
    state = (state * 48271) % 2147483647;
    return state % most;
  };
}

const groove = run("Groove.amxd");
const { PROTOCOL, KIT, Pads, Notes, Arrival, Request, Writer, Words } = groove.take(
  "({ PROTOCOL: PROTOCOL, KIT: KIT, Pads: Pads, Notes: Notes, Arrival: Arrival," +
    " Request: Request, Writer: Writer, Words: Words })"
);
const plain = (value) => JSON.parse(JSON.stringify(value));

test("a pad is known by its name", () => {
  const pieces = "Kick,Snare,Closed hat,Open hat,Low tom,Mid tom,High tom,Crash,Ride".split(",");
  const pads = {
    "Kick 808": 0, "BD Deep": 0, "Bass Drum": 0, "Snare Tight": 1, "Clap 909": 1, Rimshot: 1,
    "Side Stick": 1, "Hat Closed": 2, "HH 1": 2, ClosedHat: 2, Shaker: 2, "Hihat Open": 3,
    "OH Long": 3, "Tom Low": 4, "Floor Tom": 4, "Tom Mid": 5, Tom: 5, "Hi Tom": 6, "Tom High": 6,
    "Crash 1": 7, China: 7, "Ride Bell": 8, Cowbell: 8
  };
  for (const [name, piece] of Object.entries(pads)) {
    assert.equal(pieces[Pads.piece(name, 0)], pieces[piece], name);
  }
});

test("a pad whose name says nothing is what General MIDI has on its key", () => {
  assert.equal(Pads.piece("Texture 3", 38), Pads.SNARE);
  assert.equal(Pads.piece("Texture 3", 5), -1);
});

test("whatever the rack, no two pitches fall together, and the way back is the way back", () => {
  const chance = dice(11);
  const words = ["Kick", "Snare", "Hat", "Open Hat", "Tom Low", "Crash", "Ride", "Vox", "Fx", ""];
  for (let round = 0; round < 200; round += 1) {
    const pads = [];
    for (let pitch = chance(40); pitch < 128; pitch += 1 + chance(9)) {
      pads.push({ pitch, name: words[chance(words.length)] });
    }
    const map = Pads.map(pads);
    assert.equal(new Set(map.toWire).size, 128);
    for (let pitch = 0; pitch < 128; pitch += 1) {
      assert.equal(map.fromWire[map.toWire[pitch]], pitch);
    }
  }
});

test("the first pad of a piece plays it, and what the rack has not is not asked for", () => {
  const map = Pads.map([
    { pitch: 60, name: "Kick" }, { pitch: 61, name: "Snare 1" }, { pitch: 62, name: "Snare 2" },
    { pitch: 36, name: "Vox" }
  ]);
  assert.equal(map.fromWire[KIT.keys[Pads.KICK][0]], 60);
  assert.equal(map.fromWire[KIT.keys[Pads.SNARE][0]], 61);
  assert.equal(KIT.pieces[map.toWire[62]], Pads.SNARE);
  assert.equal(map.pieces & 3, 3);
  assert.equal(map.pieces & 0b111111100, 0);
});

test("without a rack nothing changes", () => {
  const map = Pads.map([]);
  assert.deepEqual(plain(map.toWire), [...Array(128).keys()]);
  assert.equal(map.pieces, 511);
});

const odd = {
  note_id: 7, pitch: 36, start_time: 1 / 3, duration: 0.1, velocity: 77.3, mute: 1,
  probability: 0.3, velocity_deviation: -4.2, release_velocity: 12.7
};

test("a note that nobody changed comes back to the last digit", () => {
  const row = plain(Notes.row(odd)).map((value) => Math.fround(value));
  const { note_id, ...rest } = odd;
  assert.equal(note_id, row[8]);
  assert.deepEqual(plain(Notes.note(row, odd)), { ...rest, mute: 1 });
});

test("what was changed comes back changed", () => {
  const row = plain(Notes.row(odd));
  row[1] += 100;
  row[3] = 90;
  const note = Notes.note(row, odd);
  assert.equal(note.start_time, row[1] / PROTOCOL.ticksPerBeat);
  assert.equal(note.velocity, 90);
  assert.equal(note.duration, odd.duration);
});

test("hits of one pitch stand apart, none is lost, and what nobody may touch stays", () => {
  const chance = dice(31);
  for (let round = 0; round < 300; round += 1) {
    const some = (count) =>
      Array.from({ length: count }, () => ({
        pitch: 36 + chance(2), start_time: chance(40) / 10, duration: (1 + chance(30)) / 10
      }));
    // The fixed ones come out of a clip of Live, where none overlap.
    const fixed = [0.5, 2.2].map((start_time) => ({ pitch: 36, start_time, duration: 0.3 }));
    const before = plain(fixed);
    const notes = some(1 + chance(12));
    const together = [...Notes.apart(notes, fixed), ...fixed];
    assert.deepEqual(plain(fixed), before);
    for (const pitch of [36, 37]) {
      const line = together.filter((note) => note.pitch === pitch);
      line.sort((a, b) => a.start_time - b.start_time);
      for (let i = 1; i < line.length; i += 1) {
        const end = line[i - 1].start_time + line[i - 1].duration;
        assert.ok(line[i - 1].duration > 0 && end <= line[i].start_time + 1e-9);
      }
    }
  }
});

test("hits that are apart already are left alone", () => {
  const notes = [0, 1, 2].map((start_time) => ({ pitch: 36, start_time, duration: 1 }));
  assert.deepEqual(plain(Notes.apart(plain(notes), [])), notes);
});

test("Live's dictionaries are read in all the forms in which they come", () => {
  const notes = [odd];
  for (const answer of [
    { notes }, JSON.stringify({ notes }), [JSON.stringify({ notes })], [{ notes }]
  ]) {
    // A script sees objects of its own world; JSON makes them such.
    const own = vm.runInContext(`(${JSON.stringify(answer)})`, groove.context);
    assert.deepEqual(plain(Notes.parse(own)), notes);
  }
  for (const answer of [null, undefined, "", "nothing", 0]) {
    assert.deepEqual(plain(Notes.parse(answer)), []);
  }
});

test("a clip is known by its notes, in whatever order Live gives them", () => {
  const other = { ...odd, note_id: 8, pitch: 40 };
  const look = Notes.fingerprint([odd, other]);
  assert.equal(Notes.fingerprint([other, odd]), look);
  for (const field of Object.keys(odd).filter((name) => name !== "note_id")) {
    const changed = { ...odd, [field]: field === "mute" ? 0 : odd[field] + 0.4 };
    changed.pitch = Math.round(changed.pitch + (field === "pitch" ? 1 : 0));
    assert.notEqual(Notes.fingerprint([changed, other]), look, field);
  }
});

/** A take of so many notes as the messages that bring it: begin and pieces. */
function takeOf(count, chance) {
  const rows = [];
  for (let i = 0; i < count; i += 1) {
    rows.push([chance(128), chance(100000), 1 + chance(5000), 1 + chance(127), 0, 1, 0, 64, i + 1]);
  }
  const frame = {
    length: 161280, loop_start: 0, loop_end: 161280, looping: 1, numerator: 4, denominator: 4,
    tempo: 120, drums: 1, count
  };
  frame.checksum = PROTOCOL.checksum(frame, rows);
  const begin = [9, 0, 1, 77, ...PROTOCOL.frameFields.map((field) => frame[field.name])];
  const pieces = [];
  for (let piece = 0; piece * PROTOCOL.notesPerPiece < count; piece += 1) {
    const first = piece * PROTOCOL.notesPerPiece;
    pieces.push([9, 0, piece, ...rows.slice(first, first + PROTOCOL.notesPerPiece).flat()]);
  }
  return { rows, begin, pieces };
}

test("a take is whole when all has come, in any order and twice", () => {
  const chance = dice(5);
  for (const count of [0, 1, 20, 21, 203]) {
    const { rows, begin, pieces } = takeOf(count, chance);
    const messages = [begin, ...pieces, ...pieces].sort(() => chance(3) - 1);
    const arrival = new Arrival(0);
    let done = 0;
    for (const message of [...messages, begin]) {
      if (!arrival.isWhole) {
        message === begin ? arrival.begin(message) : arrival.piece(message);
        done += arrival.complete() ? 1 : 0;
      }
    }
    assert.equal(done, 1);
    assert.deepEqual(plain(arrival.result().rows), rows);
    assert.equal(arrival.result().seed, 77);
  }
});

test("what is missing of a take is named; of one without a begin, all", () => {
  const { begin, pieces } = takeOf(95, dice(3));
  const arrival = new Arrival(0);
  arrival.piece(pieces[1]);
  assert.deepEqual(plain(arrival.missing()), []);
  arrival.begin(begin);
  assert.deepEqual(plain(arrival.missing()), [0, 2, 3, 4]);
});

test("a take that was spoilt on the way is forgotten", () => {
  const { begin, pieces } = takeOf(3, dice(2));
  const arrival = new Arrival(0);
  pieces[0][4] += 1;
  arrival.begin(begin);
  arrival.piece(pieces[0]);
  assert.equal(arrival.complete(), false);
  assert.deepEqual(plain(arrival.missing()), []);
});

test("a request is in the order of the protocol and within its ranges", () => {
  const atoms = plain(
    Request.atoms("/bridge/groove", { id: 5, clip: 4, takes: 99, amount: 50.5, kit: 1 })
  );
  assert.deepEqual(atoms, [5, 4, 16, 0, 50.5, 1, 0, 0, "roland"]);
});

test("a seed that is set is the seed; 0 is another one each time", () => {
  assert.equal(Request.seed(7), 7);
  const seeds = new Set(Array.from({ length: 20 }, () => Request.seed(0)));
  assert.ok(seeds.size > 15);
  assert.ok([...seeds].every((seed) => seed > 0 && seed + 15 <= 999999));
});

test("a place on the timeline cuts nothing and is the first there is", () => {
  const chance = dice(23);
  for (let round = 0; round < 200; round += 1) {
    const taken = [];
    for (let at = chance(6); at < 60; at += 1 + chance(12)) {
      const end = at + 1 + chance(6);
      taken.push([at, end]);
      at = end;
    }
    groove.context.taken = taken;
    groove.take(
      "LiveSet.children = function () { return taken.map(function (one, i) { return i + 1; }); };" +
        "LiveSet.number = function (id, name) {" +
        " return taken[id - 1][name === 'start_time' ? 0 : 1]; };"
    );
    const [from, length] = [chance(40), 1 + chance(8)];
    const time = Writer.gap(1, from, length);
    const fits = (start) => taken.every(([low, high]) => high <= start || low >= start + length);
    assert.ok(time >= from && fits(time));
    for (let earlier = from; earlier < time; earlier += 1) {
      assert.ok(!fits(earlier));
    }
  }
});

test("what is said is short enough for the display", () => {
  for (const [name, text] of Object.entries(Words)) {
    if (typeof text === "string") {
      assert.ok(text.length <= 75, `${name}: ${text}`);
    }
  }
  assert.equal(Words.working(0.42), "Working\u2026 40 %");
  assert.equal(Words.short("A very long name of a clip", 10), "A very lo\u2026");
});

test("a square needs four clips, and has 9 or 16 takes", () => {
  const { TOOL } = run("Interpolate.amxd").take("({ TOOL: TOOL })");
  const steps = (values) => {
    assert.equal(TOOL.settle(values), "");
    return values.steps;
  };
  assert.equal(steps({ c: 0, d: 0, steps: 5 }), 5);
  assert.equal(steps({ c: 1, d: 2, steps: 5 }), 9);
  assert.equal(steps({ c: 1, d: 2, steps: 10 }), 16);
  assert.match(TOOL.settle({ c: 1, d: 0, steps: 5 }), /both/);
});

test("bars are counted from 1 by musicians and from 0 by the bridge", () => {
  const { TOOL } = run("Continue.amxd").take("({ TOOL: TOOL })");
  const values = { where: 1, first_bar: 3 };
  assert.equal(TOOL.settle(values), "");
  assert.equal(values.first_bar, 2);
  assert.equal(TOOL.addressFor(values), "infill");
  assert.equal(TOOL.addressFor({ where: 0 }), "continue");
});

test("the variety stays as it is where its switch is off", () => {
  const { TOOL } = run("Generate.amxd").take(
    "(LiveSet.root = LiveSet.number = function (a, b, c) { return c || 0; }, { TOOL: TOOL })"
  );
  const end = (ramp) => {
    const values = { ramp, end_temperature: 1.5 };
    TOOL.settle(values);
    return values.end_temperature;
  };
  assert.deepEqual([end(0), end(1)], [-1, 1.5]);
});

// --- the MIDI Tool ---

const ANSWER = 3;
const ASK = 4;
const context = { clip: { time_selection_start: 0, time_selection_end: 4 } };

function toolWithBridge() {
  const tool = run("experimental/Clipbridge Groove.amxd");
  tool.context.bang();
  tool.take("Link.state = 'found'");
  tool.out.length = 0;
  return tool;
}

/** Live asks: the context first, then the notes. */
function question(tool, notes, about = context) {
  tool.dictionaries.set("context", JSON.stringify(about));
  tool.dictionaries.set("notes", JSON.stringify({ notes }));
  tool.context.inlet = 1;
  tool.context.dictionary("context");
  tool.context.inlet = 0;
  tool.context.dictionary("notes");
}

function sentBy(tool, address) {
  tool.later();
  return tool.out.filter(([number, what]) => number === 0 && what[0] === address);
}

/** The bridge takes the clip and plays each of its notes a little later. */
function play(tool) {
  const names = PROTOCOL.addresses;
  const [[, begin]] = sentBy(tool, names.clipBegin);
  const [[, notes]] = sentBy(tool, names.clipNotes);
  tool.hear(names.clipReady, begin[1]);
  const [[, request]] = sentBy(tool, names.groove);
  const id = request[1];
  const rows = [];
  for (let at = 3; at < notes.length; at += 9) {
    rows.push(notes.slice(at, at + 9));
    rows.at(-1)[1] += 504;
  }
  const frame = Object.fromEntries(
    PROTOCOL.frameFields.map((field, index) => [field.name, begin[2 + index]])
  );
  frame.checksum = PROTOCOL.checksum(frame, rows);
  const fields = PROTOCOL.frameFields.map((field) => frame[field.name]);
  tool.hear(names.accepted, id, 0);
  tool.hear(names.takeBegin, id, 0, 1, 1, ...fields);
  tool.hear(names.takeNotes, id, 0, 0, ...rows.flat());
  tool.hear(names.done, id, 1);
}

const beat = [
  { note_id: 1, pitch: 36, start_time: 0, duration: 0.25, velocity: 100, mute: 0 },
  { note_id: 2, pitch: 38, start_time: 1, duration: 0.25, velocity: 90, mute: 0 }
];

test("a MIDI Tool gives back what came at once, and the bridge's notes when Live asks again", () => {
  const tool = toolWithBridge();
  question(tool, beat);
  assert.deepEqual(plain(tool.out.find(([number]) => number === ANSWER)[1]), ["dictionary", "notes"]);
  play(tool);
  assert.deepEqual(plain(tool.out.at(-1)), [ASK, "bang"]);
  tool.out.length = 0;
  question(tool, beat);
  const [[, [, name]]] = tool.out.filter(([number]) => number === ANSWER);
  const { notes } = JSON.parse(tool.dictionaries.get(name));
  assert.deepEqual(notes.map((note) => note.start_time), [0.025, 1.025]);
  assert.deepEqual(notes.map((note) => note.note_id), [1, 2]);
  assert.deepEqual(sentBy(tool, PROTOCOL.addresses.groove), []);
  assert.deepEqual(tool.errors, []);
});

test("a MIDI Tool never puts the notes of one clip into another", () => {
  const tool = toolWithBridge();
  question(tool, beat);
  play(tool);
  tool.out.length = 0;
  question(tool, [{ ...beat[0], pitch: 40 }]);
  assert.deepEqual(plain(tool.out.find(([number]) => number === ANSWER)[1]), ["dictionary", "notes"]);
  question(tool, beat, { clip: { time_selection_start: 4, time_selection_end: 8 } });
  const last = tool.out.filter(([number]) => number === ANSWER).at(-1);
  assert.deepEqual(plain(last[1]), ["dictionary", "notes"]);
});

test("a MIDI Tool answers whichever of notes and context comes first", () => {
  const tool = toolWithBridge();
  tool.dictionaries.set("context", JSON.stringify(context));
  tool.dictionaries.set("notes", JSON.stringify({ notes: beat }));
  tool.context.inlet = 0;
  tool.context.dictionary("notes");
  assert.equal(tool.out.filter(([number]) => number === ANSWER).length, 0);
  tool.context.inlet = 1;
  tool.context.dictionary("context");
  assert.equal(tool.out.filter(([number]) => number === ANSWER).length, 1);
});
