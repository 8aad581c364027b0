/*
 * The model of Live. Each test names what it rests on: a section of max-for-live.md, or the page of the
 * Live Object Model (docs.cycling74.com/apiref/lom) of the class that it is about.
 */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { MemoryNetwork } = require("./model/network");
const { Studio } = require("./model/studio");
const { scripted } = require("./pack");

/**
 * A Set with a clip of two notes in the first slot of a track, and a script that runs what it is told:
 * `run(source)` gives what its last expression is. LiveAPI is ready unless `early`.
 */
function desk(choices = {}) {
  const studio = new Studio({ drawn: true, network: new MemoryNetwork(), ...choices });
  const track = studio.live.makeTrack("Drums");
  const clip = studio.live.putClip(
    track, 0, [{ pitch: 36, start_time: 0, duration: 0.25 }, { pitch: 38, start_time: 1, duration: 0.5, velocity: 64.5 }],
    { name: "Two Hits" }
  );
  const source = "function bang() {} var kept = {}; function evaluate(text) { return eval(text); } evaluate.local = 1;";
  const device = studio.drop(scripted(source), track);
  studio.max.thread.advance(0);
  studio.check();
  const evaluate = (text) => device.script().context.evaluate(text);
  const run = (text) => {
    const value = plain(evaluate(text));
    studio.max.thread.advance(0);
    return value;
  };
  return { studio, live: studio.live, max: studio.max, track, clip, device, run };
}

/** As this context's own arrays and objects, so that they can be compared. */
function plain(value) {
  return value && typeof value === "object" ? JSON.parse(JSON.stringify(value)) : value;
}

const CLIP = "var c = new LiveAPI('live_set tracks 0 clip_slots 0 clip');";

describe("LiveAPI", () => {
  test("everything comes in arrays, ids as strings, children as id and number (§4.1, 4)", () => {
    const { run, clip, track } = desk();
    assert.deepEqual(run(`${CLIP} [c.get('name'), c.get('looping'), c.get('loop_end')]`), [["Two Hits"], [1], [4]]);
    assert.equal(run(`${CLIP} c.id`), String(clip.id));
    assert.deepEqual(run("new LiveAPI('live_set').get('tracks')"), ["id", track.id]);
    assert.deepEqual(run("new LiveAPI('live_set tracks 0').get('clip_slots').slice(0, 2)"), ["id", track.clip_slots[0]]);
    assert.equal(run(`${CLIP} c.get('name') instanceof Array`), true);
  });

  test("a path comes quoted, unquotedpath does not (§4.1, 5)", () => {
    const { run } = desk();
    assert.equal(run(`${CLIP} c.path`), '"live_set tracks 0 clip_slots 0 clip"');
    assert.equal(run(`${CLIP} c.unquotedpath`), "live_set tracks 0 clip_slots 0 clip");
  });

  test("a path to nothing gives id 0, and so does an id that has died (§4.1, 5)", () => {
    const { run, live, clip, studio } = desk();
    assert.equal(run("new LiveAPI('live_set tracks 0 clip_slots 5 clip').id"), "0");
    assert.equal(run(`kept.c = new LiveAPI('id ${clip.id}'); kept.c.id`), String(clip.id));
    live.deleteClip(clip);
    assert.equal(run("kept.c.id"), "0");
    assert.equal(run(`new LiveAPI('id ${clip.id}').id`), "0");
    studio.expectError(/get: no valid object set/);
    assert.equal(run("kept.c.get('name')"), null);
    assert.match(studio.max.errors[0], /get: no valid object set/);
  });

  test("an id stays with its thing when the thing moves (§4.1, 5)", () => {
    const { run, live, track } = desk();
    live.makeTrack("Bass");
    run(`kept.t = new LiveAPI('id ${track.id}')`);
    live.moveTrack(track, 1);
    assert.deepEqual(run("[kept.t.get('name'), kept.t.unquotedpath]"), [["Drums"], "live_set tracks 1"]);
  });

  test("mode 1 follows the path, mode 0 the object (LiveAPI, mode)", () => {
    const { run, live, track } = desk();
    live.makeTrack("Bass");
    run("kept.a = new LiveAPI('live_set tracks 0'); kept.b = new LiveAPI('live_set tracks 0'); kept.b.mode = 1;");
    live.moveTrack(track, 1);
    assert.deepEqual(run("[kept.a.get('name'), kept.b.get('name')]"), [["Drums"], ["Bass"]]);
  });

  test("before live.thisdevice it is dead, for good (§3.1)", () => {
    const { studio } = desk();
    const source = "var early; function loadbang() { early = new LiveAPI('live_set'); } function bang() { post(early.id, new LiveAPI('live_set').id !== '0'); }";
    studio.drop(scripted(source), studio.live.tracks[0]);
    studio.max.thread.advance(0);
    assert.deepEqual(studio.max.posts, ["0 true"]);
    assert.match(studio.redLines()[0], /before live\.thisdevice/);
  });

  test("in global code it is dead too (§3.1)", () => {
    const { studio } = desk();
    studio.drop(scripted("var early = new LiveAPI('live_set'); function bang() {}"), studio.live.tracks[0]);
    studio.max.thread.advance(0);
    assert.match(studio.redLines()[0], /global code/);
  });

  test("this_device leads to its track, through a chain where it stands in a rack (§4.1, 5)", () => {
    const { run, device, live } = desk();
    assert.equal(run("new LiveAPI('this_device').id"), String(device.node.id));
    assert.equal(run("new LiveAPI('this_device canonical_parent').type"), "Track");
    assert.equal(live.trackOf(device.node).name, "Drums");
  });

  test("a property or function that is not there is a red line (LOM)", () => {
    const { run, max } = desk();
    run(`${CLIP} c.get('nmae'); c.set('length', 3); c.call('explode'); c.colour`);
    assert.deepEqual(max.errors.map((text) => text.split(": ").slice(1).join(": ")), [
      "get: no property called nmae (Clip)", "set: no settable property called length (Clip)", "call: no function called explode (Clip)"
    ]);
  });

  test("a number where a word stands is taken, a word where a number should stand is not (LOM)", () => {
    const { run, max, clip, live } = desk();
    run(`${CLIP} c.set('name', 7); c.set('looping', 'yes')`);
    assert.equal(live.node(clip.id).name, "7");
    assert.match(max.errors[0], /looping needs a number/);
  });

  test("color_index of a track cannot be set (§4)", () => {
    const { run, max } = desk();
    run("new LiveAPI('live_set tracks 0').set('color_index', 1)");
    assert.match(max.errors[0], /no settable property called color_index/);
  });

  test("scale_intervals is there from Live 12 on (h1data/M4L-MIDI-tool-examples; §4)", () => {
    assert.deepEqual(desk().run("new LiveAPI('live_set').get('scale_intervals')"), [0, 2, 4, 5, 7, 9, 11]);
    const older = desk({ liveVersion: "11.3" });
    assert.equal(older.run("new LiveAPI('live_set').get('scale_intervals')"), null);
    assert.match(older.max.errors[0], /no property called scale_intervals/);
  });

  test("Live says its version in numbers (LOM, Application)", () => {
    const { run } = desk({ liveVersion: "11.3" });
    assert.deepEqual(run("var a = new LiveAPI('live_app'); [a.call('get_major_version'), a.call('get_minor_version')]"), [11, 3]);
  });
});

describe("notes", () => {
  const fields = ["note_id", "pitch", "start_time", "duration", "velocity", "mute", "probability", "velocity_deviation", "release_velocity"];

  test("come as a dictionary in JSON, with all nine fields; as the studio chooses, in other forms (§4.1, 4)", () => {
    const ask = `${CLIP} c.call('get_notes_extended', 0, 128, 0, 4)`;
    const text = desk().run(ask);
    assert.equal(typeof text, "string");
    assert.deepEqual(Object.keys(JSON.parse(text).notes[0]), fields);
    const [inArray] = desk({ dictionaries: "array" }).run(ask);
    assert.equal(inArray, text);
    assert.deepEqual(desk({ dictionaries: "object" }).run(ask), JSON.parse(text));
  });

  test("get_notes_extended takes four numbers or one dictionary, with the fields to return (§4)", () => {
    const { run } = desk();
    const read = (call) => JSON.parse(run(`${CLIP} c.call(${call})`)).notes.map((note) => note.pitch);
    assert.deepEqual(read("'get_notes_extended', 0, 128, 0.5, 4"), [38]);
    assert.deepEqual(read("'get_notes_extended', 36, 1, 0, 4"), [36]);
    assert.deepEqual(read("'get_notes_extended', {from_pitch: 0, pitch_span: 128, from_time: 0, time_span: 1}"), [36]);
    const some = JSON.parse(run(`${CLIP} c.call('get_all_notes_extended', {'return': ['note_id', 'pitch']})`));
    assert.deepEqual(some.notes, [{ note_id: 1, pitch: 36 }, { note_id: 2, pitch: 38 }]);
  });

  test("the selected ones, and those of given ids (§4)", () => {
    const { run, live, clip } = desk();
    live.selectNotes(clip, (note) => note.pitch === 38);
    assert.deepEqual(JSON.parse(run(`${CLIP} c.call('get_selected_notes_extended')`)).notes.map((note) => note.note_id), [2]);
    assert.deepEqual(JSON.parse(run(`${CLIP} c.call('get_notes_by_id', [1])`)).notes.map((note) => note.pitch), [36]);
  });

  test("add_new_notes fills in what is left out and gives the new ids (§4)", () => {
    const { run, live, clip } = desk();
    assert.deepEqual(run(`${CLIP} c.call('add_new_notes', {notes: [{pitch: 40, start_time: 2, duration: 1}]})`), [3]);
    assert.deepEqual(live.node(clip.id).notes[2], {
      note_id: 3, pitch: 40, start_time: 2, duration: 1, velocity: 100, mute: 0, probability: 1, velocity_deviation: 0, release_velocity: 64
    });
  });

  test("add_new_notes refuses ids, missing fields and numbers out of range, and adds none (§4)", () => {
    for (const note of ["{pitch: 40, start_time: 2}", "{pitch: 140, start_time: 2, duration: 1}", "{pitch: 40, start_time: 2, duration: 0}",
      "{note_id: 1, pitch: 40, start_time: 2, duration: 1}", "{pitch: 40, start_time: 2, duration: 1, velocity: 200}",
      "{pitch: 40, start_time: 2, duration: 1, colour: 2}"]) {
      const { run, live, clip, max } = desk();
      run(`${CLIP} c.call('add_new_notes', {notes: [${note}]})`);
      assert.equal(live.node(clip.id).notes.length, 2, note);
      assert.equal(max.errors.length, 1, note);
    }
  });

  test("apply_note_modifications wants complete notes of known ids and keeps what is not sent (§4)", () => {
    const { run, live, clip, max } = desk();
    live.node(clip.id).notes[0].hidden = "MPE";
    run(`${CLIP} kept.d = JSON.parse(c.call('get_all_notes_extended')); kept.d.notes[0].start_time = 0.1; c.call('apply_note_modifications', kept.d)`);
    assert.deepEqual([live.node(clip.id).notes[0].start_time, live.node(clip.id).notes[0].hidden], [0.1, "MPE"]);
    run(`${CLIP} kept.d.notes[0].note_id = 99; c.call('apply_note_modifications', kept.d)`);
    run(`${CLIP} c.call('apply_note_modifications', {notes: [{note_id: 1, pitch: 37}]})`);
    assert.match(max.errors[0], /no note 99/);
    assert.match(max.errors[1], /complete/);
    assert.equal(live.node(clip.id).notes[0].pitch, 36);
  });

  test("remove_notes_extended and remove_notes_by_id take notes away (§4)", () => {
    const { run, live, clip } = desk();
    run(`${CLIP} c.call('remove_notes_by_id', [1])`);
    assert.deepEqual(live.node(clip.id).notes.map((note) => note.pitch), [38]);
    run(`${CLIP} c.call('remove_notes_extended', 0, 128, 0, 4)`);
    assert.equal(live.node(clip.id).notes.length, 0);
  });

  test("of two notes of one pitch that overlap, the earlier ends where the later begins (ableton-osc-mcp#51)", () => {
    const { run, live, clip } = desk();
    run(`${CLIP} c.call('add_new_notes', {notes: [{pitch: 42, start_time: 0, duration: 1}, {pitch: 42, start_time: 0.5, duration: 1}, {pitch: 43, start_time: 0, duration: 2}]})`);
    const durations = live.node(clip.id).notes.filter((note) => note.pitch >= 42).map((note) => note.duration);
    assert.deepEqual(durations.sort(), [0.5, 1, 2]);
  });

  test("a note that is moved onto another of its pitch deletes it (ableton-midi-sculptor#6)", () => {
    const { run, live, clip } = desk();
    run(`${CLIP} c.call('add_new_notes', {notes: [{pitch: 36, start_time: 2, duration: 1}]})`);
    run(`${CLIP} kept.d = JSON.parse(c.call('get_all_notes_extended')); kept.n = kept.d.notes[2]; kept.n.start_time = 0; c.call('apply_note_modifications', {notes: [kept.n]})`);
    assert.deepEqual(live.node(clip.id).notes.map((note) => note.note_id), [3, 2]);
  });

  test("the calls of before Live 11 are refused (field.md §1.1)", () => {
    const { run, max } = desk();
    run(`${CLIP} c.call('get_notes', 0, 0, 4, 128)`);
    assert.match(max.errors[0], /deprecated/);
  });
});

describe("clips", () => {
  test("create_clip wants an empty slot of a MIDI track and a length above 0 (LOM, ClipSlot)", () => {
    const { run, live, track, max } = desk();
    live.makeTrack("Audio", { isMidi: false });
    run("new LiveAPI('live_set tracks 0 clip_slots 0').call('create_clip', 4)");
    run("new LiveAPI('live_set tracks 1 clip_slots 0').call('create_clip', 4)");
    run("new LiveAPI('live_set tracks 0 clip_slots 1').call('create_clip', 0)");
    assert.equal(max.errors.length, 3);
    run("new LiveAPI('live_set tracks 0 clip_slots 1').call('create_clip', 6)");
    assert.deepEqual(live.clipIn(track, 1).loop_on, [0, 6]);
  });

  test("edges: the end never before the start, the start never behind the end (§4)", () => {
    const { run, live, clip, max } = desk();
    run(`${CLIP} c.set('loop_start', 8)`);
    assert.match(max.errors[0], /LoopStart behind LoopEnd/);
    run(`${CLIP} c.set('loop_end', 12); c.set('loop_start', 8)`);
    assert.deepEqual(live.node(clip.id).loop_on, [8, 12]);
    run(`${CLIP} c.set('end_marker', -1)`);
    assert.match(max.errors[1], /EndMarker before StartMarker/);
  });

  test("without a loop, loop_start and loop_end are the markers (LOM, Clip)", () => {
    const { run } = desk();
    assert.deepEqual(run(`${CLIP} c.set('looping', 0); c.set('loop_end', 3); [c.get('end_marker'), c.get('length'), c.get('loop_end')]`), [[3], [3], [3]]);
    assert.deepEqual(run(`${CLIP} c.set('looping', 1); c.get('loop_end')`), [4]);
  });

  test("create_midi_clip is there from 12.2; it cuts what it covers (§4)", () => {
    const { run, live, track } = desk();
    live.putArrangementClip(track, 0, 8, []);
    run("new LiveAPI('live_set tracks 0').call('create_midi_clip', 4, 2)");
    assert.deepEqual(live.list(track.arrangement_clips).map((one) => [one.start_time, one.arrangement_end]), [[0, 4], [4, 6]]);
    const older = desk({ liveVersion: "12.0" });
    older.run("new LiveAPI('live_set tracks 0').call('create_midi_clip', 4, 2)");
    assert.match(older.max.errors[0], /no such function/);
  });

  test("duplicate_clip_to_arrangement copies a Session clip with its notes (§4)", () => {
    const { run, live, track, clip } = desk({ liveVersion: "11.3" });
    run(`new LiveAPI('live_set tracks 0').call('duplicate_clip_to_arrangement', 'id ${clip.id}', 16)`);
    const [made] = live.list(track.arrangement_clips);
    assert.deepEqual([made.start_time, made.arrangement_end, made.notes.length, made.name], [16, 20, 2, "Two Hits"]);
  });

  test("delete_clip ends the clip and its id (LOM, ClipSlot, Track)", () => {
    const { run, live, track } = desk();
    run("new LiveAPI('live_set tracks 0 clip_slots 0').call('delete_clip')");
    assert.equal(live.clipIn(track, 0), null);
  });

  test("create_scene gives every track a slot; -1 is the end (LOM, Song)", () => {
    const { run, live, track } = desk({ scenes: 2 });
    assert.equal(run("new LiveAPI('live_set').call('create_scene', -1)[0]"), "id");
    assert.equal(live.node(track.id).clip_slots.length, 3);
    run("new LiveAPI('live_set').call('create_scene', 9)");
    assert.match(live.max.errors[0], /invalid index/);
  });

  test("delete_scene takes a row away with its clips, but never the last one (LOM, Song)", () => {
    const { run, live, track, max } = desk({ scenes: 2 });
    run("new LiveAPI('live_set').call('delete_scene', 0)");
    assert.deepEqual([live.node(track.id).clip_slots.length, live.clipIn(track, 0)], [1, null]);
    run("new LiveAPI('live_set').call('delete_scene', 0)");
    assert.match(max.errors[0], /the last one/);
  });

  test("the pads of a Drum Rack: 128, with names and chains where there is something (LOM, DrumPad)", () => {
    const { run, live, track } = desk();
    live.addDrumRack(track, { 36: "Kick" });
    const rack = "new LiveAPI('live_set tracks 0 devices 1')";
    assert.deepEqual(run(`[${rack}.get('can_have_drum_pads'), ${rack}.getcount('drum_pads')]`), [[1], 128]);
    assert.deepEqual(run("var p = new LiveAPI('live_set tracks 0 devices 1 drum_pads 36'); [p.get('name'), p.get('note'), p.get('chains').length]"), [["Kick"], [36], 2]);
    assert.deepEqual(run("new LiveAPI('live_set tracks 0 devices 1 drum_pads 37').get('chains')"), []);
  });
});

describe("what is selected (§4.1, 1)", () => {
  const selected = "var v = new LiveAPI('live_set view'); [v.get('detail_clip')[1], v.get('selected_track')[1], new LiveAPI('live_app view').get('focused_document_view')[0]]";

  test("a click in the Session moves detail_clip, highlighted_clip_slot and the track", () => {
    const { run, live, clip, track } = desk();
    live.clickClip(clip);
    assert.deepEqual(run(selected), [clip.id, track.id, "Session"]);
    assert.equal(run("new LiveAPI('live_set view highlighted_clip_slot clip').id"), String(clip.id));
  });

  test("a click in the Arrangement does not move detail_clip, but the insert mark and the track", () => {
    const { run, live, clip, track } = desk();
    const other = live.makeTrack("Bass");
    const arranged = live.putArrangementClip(other, 32, 8, []);
    live.clickClip(clip);
    live.clickArrangementClip(arranged);
    assert.deepEqual(run(selected), [clip.id, other.id, "Arranger"]);
    assert.deepEqual(run("new LiveAPI('live_set').get('current_song_time')"), [32]);
    assert.notEqual(track.id, other.id);
  });

  test("detail_clip may be empty while the Device View is up", () => {
    const { run, live, clip } = desk({ detailClip: "hidden" });
    live.clickClip(clip);
    live.clickDeviceView();
    assert.equal(run(selected)[0], 0);
    assert.equal(run("new LiveAPI('live_set view highlighted_clip_slot clip').id"), String(clip.id));
  });

  test("to set detail_clip in the wrong main view does nothing", () => {
    const { run, live, clip, track } = desk();
    const arranged = live.putArrangementClip(track, 0, 4, []);
    live.clickClip(clip);
    run(`new LiveAPI('live_set view').set('detail_clip', 'id', ${arranged.id})`);
    assert.equal(live.songView.detail_clip, clip.id);
    live.clickArrangementClip(arranged);
    run(`new LiveAPI('live_set view').set('detail_clip', 'id', ${arranged.id})`);
    assert.equal(live.songView.detail_clip, arranged.id);
  });

  test("a script may point highlighted_clip_slot somewhere else", () => {
    const { run, live, track } = desk();
    run(`new LiveAPI('live_set view').set('highlighted_clip_slot', 'id', ${track.clip_slots[3]})`);
    assert.equal(live.songView.highlighted_clip_slot, track.clip_slots[3]);
  });
});

describe("observers", () => {
  const watch = (property) =>
    `${CLIP} kept.o = new LiveAPI(function (values) { post(values.join(' ')); if (kept.write) { c.set('name', 'x'); } }, 'live_set tracks 0 clip_slots 0 clip'); kept.o.property = '${property}';`;

  test("are called once at once, then at each change; bangs too (§4.1, 6)", () => {
    const { run, max, live, clip } = desk();
    run(watch("notes"));
    assert.deepEqual(max.posts.slice(-1), ["notes bang"]);
    live.editNotes(clip, (notes) => notes.pop());
    max.thread.advance(0);
    assert.deepEqual(max.posts.filter((text) => text === "notes bang").length, 2);
  });

  test("must not write: Live's own words, and nothing is changed (§4.1, 2)", () => {
    for (const notifies of ["later", "at-once"]) {
      const { run, max, live, clip } = desk({ notifies });
      run(`kept.write = true; ${watch("color")}`);
      assert.match(max.errors[0], /Changes cannot be triggered by notifications\. You will need to defer your response\./);
      assert.equal(live.node(clip.id).name, "Two Hits");
    }
  });

  test("may write from a Task (§4.1, 2)", () => {
    const { run, max, live, clip, studio } = desk();
    run(`${CLIP} kept.o = new LiveAPI(function () { if (!kept.done) { kept.done = true; kept.t = new Task(function () { c.set('name', 'later'); }); kept.t.schedule(1); } }, 'live_set'); kept.o.property = 'tempo';`);
    studio.max.thread.advance(5);
    assert.deepEqual([max.errors, live.node(clip.id).name], [[], "later"]);
  });

  test("hear changes of children by their ids, and nothing once the device is gone (LOM)", () => {
    const { run, max, live, studio, device } = desk();
    run("kept.o = new LiveAPI(function (values) { post(values[0], values.length); }, 'live_set'); kept.o.property = 'tracks';");
    live.makeTrack("Bass");
    live.notify(live.song, "tracks");
    max.thread.advance(0);
    assert.deepEqual(max.posts.slice(-1), ["tracks 5"]);
    const heard = max.posts.length;
    studio.remove(device);
    live.notify(live.song, "tracks");
    max.thread.advance(0);
    assert.equal(max.posts.length, heard);
  });

  test("of what cannot be observed are a red line (§4.1)", () => {
    const { run, max } = desk();
    run(watch("length"));
    assert.match(max.errors[0], /'length' is not a listenable property/);
  });
});

describe("undo", () => {
  test("all that the API writes until the musician does something is one step (§4.1, 8)", () => {
    const { run, live, clip } = desk();
    run(`${CLIP} c.set('name', 'a'); c.set('color', 1)`);
    run(`${CLIP} c.set('name', 'b')`);
    assert.equal(live.undoSteps("API"), 1);
    live.clickClip(live.node(clip.id));
    run(`${CLIP} c.set('name', 'c')`);
    assert.equal(live.undoSteps("API"), 2);
    live.undo();
    assert.equal(live.node(clip.id).name, "b");
    live.undo();
    assert.equal(live.node(clip.id).name, "Two Hits");
  });

  test("brings back a clip under its id", () => {
    const { run, live, clip } = desk();
    live.deleteClip(clip);
    assert.equal(run(`new LiveAPI('id ${clip.id}').id`), "0");
    live.undo();
    assert.equal(run(`new LiveAPI('id ${clip.id}').id`), String(clip.id));
  });

  test("reading makes no step", () => {
    const { run, live } = desk();
    run(`${CLIP} c.get('name'); c.call('get_all_notes_extended')`);
    assert.equal(live.undoSteps("API"), 0);
  });

  test("begin_undo_step is on no page: not to be relied on (§4)", () => {
    const { run, max } = desk();
    run("new LiveAPI('live_set').call('begin_undo_step')");
    assert.match(max.errors[0], /documented for no Max/);
  });
});
