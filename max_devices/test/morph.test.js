/* Interpolate: two clips held, or four; the way between them; the row and the pad that walk it. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, hasNoFaults, pass, state, wait, writeMode } = require("./desk");
const { builtDevices, takesOn } = require("./scenes");

const WHERE = { skip: !builtDevices().includes("Interpolate") };

/** A desk with clips A to D in the first slots of the track, of 1, 2, 3 and 4 hats. */
function corners(letters, choices) {
  const scene = desk("Interpolate", choices, { notes: hats(1), bars: 1 });
  const { studio, live, track, device } = scene;
  const clips = [...letters].map((letter, index) => {
    const clip = index === 0 ? scene.clip : live.putClip(track, index, hats(index + 1), { name: letter, length: 4 });
    live.clickClip(clip);
    pass(studio, 1000);
    device.press(`hold_${letter.toLowerCase()}`);
    pass(studio, 100);
    return clip;
  });
  return { ...scene, clips };
}

function hats(count) {
  return Array.from({ length: count }, (_, index) => ({ pitch: 42, start_time: index, duration: 0.25 }));
}

/** Presses and waits until the bridge was asked and the device says that it is done. */
function go({ studio, device, bridge }, asked = 1) {
  device.press("press");
  wait(studio, () => bridge.requests.length === asked, "it asked");
  wait(studio, () => /written|new clip/.test(state(device)), "it is done");
}

describe("Interpolate", WHERE, () => {
  test("without A or without B it says what to do, and asks nothing", () => {
    for (const letters of ["", "A", "B"]) {
      const { studio, bridge, device } = corners(letters);
      device.press("press");
      pass(studio, 500);
      assert.match(state(device), /Select a clip and press [AB]/);
      assert.equal(bridge.requests.length, 0);
      studio.close();
    }
  });

  test("A and B are shown by name, sent as two clips, and the way between them is asked for", () => {
    const scene = corners("AB");
    const { studio, bridge, device } = scene;
    assert.equal(device.reads("held_b"), "B");
    go(scene);
    const { values } = bridge.requests[0];
    assert.ok(values.a > 0 && values.b > 0 && values.a !== values.b && values.c === 0 && values.d === 0);
    assert.equal(values.steps, 5);
    const rows = (id) => [...bridge.clips].find(([key]) => key.endsWith(` ${id}`))[1].rows.length;
    assert.deepEqual([rows(values.a), rows(values.b)], [1, 2]);
    hasNoFaults(bridge);
    studio.close();
  });

  test("in new clips, each step gets a slot of its own below A", () => {
    const scene = corners("AB");
    const { studio, live, track, device } = scene;
    writeMode(device, /new/i);
    go(scene);
    const made = takesOn(live, track).filter((clip) => clip.name.startsWith("Interpolate"));
    assert.equal(made.length, 5);
    assert.equal(live.undoSteps("API"), 1);
    studio.close();
  });

  test("with three clips it says that a square needs four; with four it asks for 9 or 16", () => {
    const three = corners("ABC");
    three.device.press("press");
    pass(three.studio, 500);
    assert.match(state(three.device), /square/);
    assert.equal(three.bridge.requests.length, 0);
    three.studio.close();
    for (const [steps, asked] of [[5, 9], [12, 16]]) {
      const four = corners("ABCD");
      four.device.turn("Steps", steps);
      go(four);
      assert.equal(four.bridge.requests[0].values.steps, asked);
      assert.ok(four.bridge.requests[0].values.d > 0);
      hasNoFaults(four.bridge);
      four.studio.close();
    }
  });

  test("a held clip is let go by its cross, and by being deleted", () => {
    const { studio, live, bridge, device, clips } = corners("AB");
    device.press("drop_a");
    pass(studio, 100);
    device.press("press");
    pass(studio, 500);
    assert.match(state(device), /press A/);
    live.clickClip(clips[0]);
    pass(studio, 1000);
    device.press("hold_a");
    pass(studio, 100);
    live.deleteClip(clips[1]);
    pass(studio, 1000);
    device.press("press");
    pass(studio, 500);
    assert.match(state(device), /press B/);
    assert.equal(bridge.requests.length, 0);
    studio.close();
  });

  test("a held clip is read when the button is pressed: what was edited since is what counts", () => {
    const scene = corners("AB");
    const { studio, live, bridge, clips } = scene;
    live.editNotes(clips[1], (notes) => notes.push({ ...notes[0], note_id: 99, pitch: 50 }));
    go(scene);
    const rows = [...bridge.clips].find(([key]) => key.endsWith(` ${bridge.requests[0].values.b}`))[1].rows;
    assert.equal(rows.length, 3);
    studio.close();
  });

  test("the knob across walks through the takes in one clip, the last place counts", () => {
    const scene = corners("AB");
    const { studio, live, track, device } = scene;
    go(scene);
    const made = () => takesOn(live, track).filter((clip) => clip.name.startsWith("Interpolate"));
    assert.equal(made().length, 1);
    const across = device.controls().find((one) => /across/i.test(one.longname));
    for (let place = 0; place <= 20; place += 1) {
      device.turn(across.longname, across.least + ((across.most - across.least) * place) / 20);
    }
    pass(studio, 1000);
    assert.ok(device.shows(/5( of |\/)5/), state(device));
    device.turn(across.longname, across.least);
    pass(studio, 500);
    assert.ok(device.shows(/1( of |\/)5/));
    assert.equal(made().length, 1);
    studio.close();
  });

  test("in a square the two knobs find each of its takes", () => {
    const scene = corners("ABCD");
    const { studio, device } = scene;
    go(scene);
    const [across, down] = [/across/i, /down/i].map((pattern) => device.controls().find((one) => pattern.test(one.longname)));
    const seen = new Set();
    for (const y of [0, 0.5, 1]) {
      for (const x of [0, 0.5, 1]) {
        device.turn(across.longname, across.least + x * (across.most - across.least));
        device.turn(down.longname, down.least + y * (down.most - down.least));
        pass(studio, 500);
        seen.add(/(\d+)( of |\/)9/.exec(device.screen().map((one) => one.text).join(" "))[1]);
      }
    }
    assert.deepEqual([...seen], ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    studio.close();
  });

  test("a knob that is turned writes no parameter and little into the undo history", () => {
    const scene = corners("AB");
    const { studio, live, device } = scene;
    go(scene);
    const across = device.controls().find((one) => /across/i.test(one.longname));
    const steps = live.undoSteps("API");
    for (let place = 0; place <= 100; place += 1) {
      device.max.thread.post(() => across.touch(across.least + ((across.most - across.least) * place) / 100));
      studio.max.thread.advance(5);
    }
    pass(studio, 1000);
    assert.ok(live.undoSteps("API") - steps <= 1, `${live.undoSteps("API") - steps} steps`);
    assert.deepEqual(studio.max.parameterWrites, []);
    studio.close();
  });
});
