/* The row of takes: previous, next and star, in each way of writing, and after the musician's own acts. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, pass, play, state, wait, writeMode } = require("./desk");
const { beat, builtDevices, takesOn } = require("./scenes");

const GROOVE = { skip: !builtDevices().includes("Groove") };
const first = /1( of |\/)4/;
const second = /2( of |\/)4/;
const last = /4( of |\/)4/;

describe("takes with clips of their own", GROOVE, () => {
  test("next and previous show each take's clip in Live and change nothing", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    play(scene);
    const before = JSON.stringify(takesOn(live, track));
    const steps = live.history.length;
    device.press("next");
    wait(studio, () => device.shows(second), "the second take is shown");
    assert.equal(live.songView.detail_clip, takesOn(live, track)[1].id);
    assert.equal(live.songView.highlighted_clip_slot, live.node(track.id).clip_slots[2]);
    device.press("previous");
    device.press("previous");
    wait(studio, () => device.shows(last), "it goes round");
    assert.equal(JSON.stringify(takesOn(live, track)), before);
    assert.ok(live.history.length <= steps + 3);
    studio.close();
  });

  test("a take that the row shows does not become the target: pressed again, the source is played", () => {
    const scene = desk("Groove");
    const { studio, live, clip, bridge, device } = scene;
    play(scene);
    device.press("next");
    pass(studio, 1500);
    assert.equal(device.reads("clip"), "Beat");
    device.press("press");
    wait(studio, () => bridge.requests.length === 2, "it asked again");
    assert.deepEqual(bridge.requests[1].clip.rows.map((row) => row[8]), clip.notes.map((note) => note.note_id));
    assert.deepEqual(bridge.requests[1].clip.rows[0][1], 0);
    assert.equal(live.node(clip.id).name, "Beat");
    studio.close();
  });

  test("a take that the musician clicks becomes the target", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    play(scene);
    const take = takesOn(live, track)[2];
    live.clickClip(take);
    pass(studio, 1500);
    assert.equal(device.reads("clip"), take.name);
    studio.close();
  });

  test("in the Arrangement too: the row shows each take where it stands", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    const verse = live.putArrangementClip(track, 0, 8, beat(2), { name: "Verse" });
    live.clickArrangementClip(verse);
    pass(studio, 1000);
    play(scene);
    device.press("next");
    wait(studio, () => device.shows(second), "the second take is shown");
    const takes = live.list(live.node(track.id).arrangement_clips).slice(1);
    assert.equal(live.songView.detail_clip, takes[1].id);
    pass(studio, 1500);
    assert.equal(device.reads("clip"), "Verse");
    studio.close();
  });

  test("a star goes into the clip's name and out of it again", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    play(scene);
    device.press("star");
    wait(studio, () => takesOn(live, track)[0].name.startsWith("★ "), "the name has a star");
    device.press("star");
    wait(studio, () => takesOn(live, track)[0].name.startsWith("Groove"), "the star is gone");
    studio.close();
  });

  test("after undo the clips are gone, and the row's buttons do no harm", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    play(scene);
    live.undo();
    assert.equal(takesOn(live, track).length, 0);
    for (const name of ["next", "previous", "star", "next"]) {
      device.press(name);
      pass(studio, 300);
    }
    assert.equal(takesOn(live, track).length, 0);
    studio.close();
  });
});

describe("takes that share one new clip", GROOVE, () => {
  test("only one clip is made, and the row swaps the takes in it", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    writeMode(device, /one|same/i);
    device.press("press");
    wait(studio, () => /one new clip/.test(state(device)), "it says where the takes are");
    assert.equal(takesOn(live, track).length, 1);
    const seen = new Set();
    for (let step = 0; step < 4; step += 1) {
      seen.add(JSON.stringify(takesOn(live, track)[0].notes.map((note) => note.start_time)));
      device.press("next");
      pass(studio, 300);
    }
    assert.equal(seen.size, 4);
    assert.equal(takesOn(live, track).length, 1);
    assert.ok(device.shows(first));
    studio.close();
  });

  test("a swap is one undo step, and never leaves the clip without notes", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    writeMode(device, /one|same/i);
    device.press("press");
    wait(studio, () => /one new clip/.test(state(device)), "it says where the takes are");
    const steps = live.undoSteps("API");
    const before = JSON.stringify(takesOn(live, track)[0].notes.map((note) => [note.pitch, note.start_time]));
    device.press("next");
    pass(studio, 300);
    assert.equal(live.undoSteps("API"), steps + 1);
    live.undo();
    assert.equal(JSON.stringify(takesOn(live, track)[0].notes.map((note) => [note.pitch, note.start_time])), before);
    studio.close();
  });

  test("a starred take is written out as a clip of its own", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    writeMode(device, /one|same/i);
    device.press("press");
    wait(studio, () => /one new clip/.test(state(device)), "it says where the takes are");
    device.press("star");
    wait(studio, () => takesOn(live, track).length === 2, "a second clip is there");
    assert.match(takesOn(live, track)[1].name, /^★ /);
    studio.close();
  });

  test("the clip was deleted: the row says so and makes no other", () => {
    const scene = desk("Groove");
    const { studio, live, track, device } = scene;
    writeMode(device, /one|same/i);
    device.press("press");
    wait(studio, () => /one new clip/.test(state(device)), "it says where the takes are");
    live.deleteClip(takesOn(live, track)[0]);
    device.press("next");
    pass(studio, 300);
    assert.match(state(device), /deleted|gone/i);
    assert.equal(takesOn(live, track).length, 0);
    studio.close();
  });
});

describe("played in place", GROOVE, () => {
  test("Ctrl-Z brings the clip back, and the row then does not write over it", () => {
    const scene = desk("Groove");
    const { studio, live, clip, device } = scene;
    const before = structuredClone(clip.notes);
    writeMode(device, /place/i);
    device.press("press");
    wait(studio, () => /anew/.test(state(device)), "it is played anew");
    live.undo();
    assert.deepEqual(live.node(clip.id).notes, before);
    device.press("next");
    pass(studio, 300);
    studio.check();
    const now = live.node(clip.id).notes;
    assert.ok(JSON.stringify(now) === JSON.stringify(before) || device.shows(second), state(device));
    studio.close();
  });

  test("the first take comes first, whatever order the takes came in", () => {
    const scene = desk("Groove", { bridge: { plays: false } });
    const { studio, live, clip, bridge, device } = scene;
    writeMode(device, /place/i);
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    for (const index of [2, 0, 3, 1]) {
      bridge.sendTake(bridge.requests[0], index, 4);
      pass(studio, 50);
    }
    bridge.say(bridge.requests[0].port, "/bridge/done", [bridge.requests[0].values.id, 4]);
    wait(studio, () => /anew/.test(state(device)), "it is played anew");
    // Whichever is shown is the one that plays.
    const shown = Number(/(\d)( of |\/)4/.exec(device.screen().map((one) => one.text).join(" "))[1]);
    const late = live.node(clip.id).notes[0].start_time - 0;
    assert.ok(Math.abs(late - (100 * shown) / 20160) < 1e-6, `take ${shown} is shown, ${late} beats late is played`);
    studio.close();
  });
});

describe("hits that fall together", GROOVE, () => {
  // Two snare hits a hair apart, and hats that touch: a groove may move one onto or past the other.
  const notes = [
    { pitch: 38, start_time: 1, duration: 0.25 }, { pitch: 38, start_time: 1.02, duration: 0.25 },
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((step) => ({ pitch: 42, start_time: step / 4, duration: 0.25 }))
  ];
  const together = (rows, index) =>
    rows.map((row) => {
      const moved = [...row];
      if (row[0] === 38) {
        moved[1] = 20160 + 50 * index; // both snares at one time
      } else {
        moved[1] += (row[1] / 5040) % 2 ? -600 : 600; // each hat runs into the next
      }
      return moved;
    });

  test("a new clip keeps every hit that Live can keep, and no red line", () => {
    const scene = desk("Groove", {}, { notes });
    scene.bridge.take = together;
    play(scene);
    const [take] = takesOn(scene.live, scene.track);
    assert.equal(take.notes.filter((note) => note.pitch === 42).length, 8);
    assert.ok(take.notes.some((note) => note.pitch === 38));
    scene.studio.close();
  });

  test("in place: no hit is lost for good; the row goes on, and undo brings all back", () => {
    const scene = desk("Groove", {}, { notes });
    const { studio, live, clip, bridge, device } = scene;
    const before = structuredClone(live.node(clip.id).notes);
    bridge.take = together;
    writeMode(device, /place/i);
    device.press("press");
    wait(studio, () => /anew/.test(state(device)), "it is played anew");
    assert.equal(live.node(clip.id).notes.length, before.length, "every hit is still in the clip");
    device.press("next");
    wait(studio, () => device.shows(second), "the second take is shown");
    assert.equal(live.node(clip.id).notes.length, before.length);
    while (live.history.length > 0) {
      live.undo();
    }
    assert.deepEqual(live.node(clip.id).notes, before);
    studio.close();
  });

  test("in place: durations that Live cut for one take are whole again for the next", () => {
    const scene = desk("Groove", {}, { notes: notes.slice(2) });
    const { studio, live, clip, bridge, device } = scene;
    bridge.take = (rows, index) => (index === 0 ? together(rows, 0) : rows);
    writeMode(device, /place/i);
    device.press("press");
    wait(studio, () => /anew/.test(state(device)), "it is played anew");
    device.press("next");
    wait(studio, () => device.shows(second), "the second take is shown");
    assert.deepEqual([...new Set(live.node(clip.id).notes.map((note) => note.duration))], [0.25]);
    studio.close();
  });
});

describe("takes that come out of order", GROOVE, () => {
  test("stand in the slots with their own names and seeds, none twice, none lost", () => {
    const scene = desk("Groove", { bridge: { plays: false } });
    const { studio, live, track, bridge, device } = scene;
    device.turn("Seed", 10);
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    for (const index of [3, 1, 1, 0, 2, 3]) {
      bridge.sendTake(bridge.requests[0], index, 4);
    }
    bridge.say(bridge.requests[0].port, "/bridge/done", [bridge.requests[0].values.id, 4]);
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    const names = takesOn(live, track).map((take) => take.name).sort();
    assert.deepEqual(names, [0, 1, 2, 3].map((index) => `Groove · ${index + 1}/4 · ${10 + index}`));
    for (const take of takesOn(live, track)) {
      const index = Number(take.name.split(" · ")[2]) - 10;
      assert.ok(Math.abs(take.notes[0].start_time - (100 * (index + 1)) / 20160) < 1e-6, take.name);
    }
    studio.close();
  });
});

