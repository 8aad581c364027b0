/* Generate, which needs no clip; what is kept; and Continue inside a clip. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, hasNoFaults, pass, play, state, wait } = require("./desk");
const { NAMES } = require("./model/scripted");
const { beat, builtDevices, takesOn } = require("./scenes");

const built = (name) => ({ skip: !builtDevices().includes(name) });
const made = (live, track) => live.clipsOf(live.node(track.id)).map((clip) => (clip ? clip.name.split(" · ")[0] : ""));

describe("Generate", built("Generate"), () => {
  test("needs no clip: takes stand from the selected scene on, on the device's own track", () => {
    const scene = desk("Generate", { song: { tempo: 93, signature_numerator: 3 } });
    const { studio, live, track, clip, bridge } = scene;
    live.deleteClip(clip);
    live.clickSlot(live.node(track.id), 2);
    pass(studio, 500);
    play(scene);
    assert.deepEqual(made(live, track).slice(0, 7), ["", "", "Generate", "Generate", "Generate", "Generate", ""]);
    const { values } = bridge.requests[0];
    assert.deepEqual([values.tempo, values.numerator, values.denominator, values.bars], [93, 3, 4, 4]);
    assert.equal(live.undoSteps("API"), 1);
    hasNoFaults(bridge);
    studio.close();
  });

  test("slots that are taken are passed over, and a scene is made where none is left", () => {
    const scene = desk("Generate", { scenes: 4 });
    const { studio, live, track } = scene;
    live.putClip(track, 2, beat(1), { name: "Mine", length: 4 });
    live.clickSlot(live.node(track.id), 1);
    pass(studio, 500);
    play(scene);
    assert.deepEqual(made(live, track), ["Beat", "Generate", "Mine", "Generate", "Generate", "Generate"]);
    studio.close();
  });

  test("in the Arrangement takes stand from the next bar on and cut nothing", () => {
    const scene = desk("Generate");
    const { studio, live, track } = scene;
    const verse = live.putArrangementClip(track, 16, 8, beat(2), { name: "Verse" });
    live.clickArrangementClip(verse);
    live.song.current_song_time = 9.5;
    pass(studio, 500);
    play(scene);
    const spans = live.list(live.node(track.id).arrangement_clips).map((one) => [one.start_time, one.arrangement_end]);
    assert.deepEqual(spans, [[12, 16], [16, 24], [24, 28], [28, 32], [32, 36]]);
    studio.close();
  });

  test("says before the press where the takes will go", () => {
    const { studio, live, track, device } = desk("Generate");
    live.clickSlot(track, 4);
    pass(studio, 1000);
    assert.ok(device.shows(/scene 5/), device.describe());
    live.appView.focused_document_view = "Arranger";
    live.song.current_song_time = 33;
    pass(studio, 1000);
    assert.ok(device.shows(/bar 10/), device.describe());
    studio.close();
  });

  test("all pieces off means all pieces; one piece means that one", () => {
    const scene = desk("Generate");
    const { studio, bridge, device } = scene;
    const pieces = device.controls().filter((one) => /^piece\d/.test(one.box.varname));
    assert.equal(pieces.length, 9);
    pieces.forEach((one) => device.press(one.longname));
    pass(studio, 100);
    play(scene);
    device.press("Kick");
    pass(studio, 100);
    play(scene);
    assert.deepEqual(bridge.requests.map((one) => one.values.pieces), [511, 1]);
    studio.close();
  });

  test("the end of the ramp is sent only where the ramp is on", () => {
    const scene = desk("Generate");
    const { studio, bridge, device } = scene;
    play(scene);
    device.press("Ramp");
    device.turn("Variety at the End", 1.5);
    pass(studio, 100);
    play(scene);
    assert.deepEqual(bridge.requests.map((one) => one.values.end_temperature), [-1, 1.5]);
    studio.close();
  });

  test("each style of the menu is one that the bridge knows", () => {
    const scene = desk("Generate");
    const { studio, bridge, device } = scene;
    device.turn("Takes", 1);
    const styles = device.find("Style").items;
    assert.ok(styles.length >= 10);
    for (const style of styles) {
      device.choose("Style", style);
      play(scene, 1);
    }
    assert.equal(new Set(bridge.requests.map((one) => one.values.style)).size, styles.length);
    hasNoFaults(bridge);
    studio.close();
  });

  test("the track is deleted with the device while it works: no red line", () => {
    const { studio, live, track, bridge, device } = desk("Generate", { bridge: { plays: false } });
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    studio.remove(device);
    live.deleteTrack(live.node(track.id));
    bridge.play(bridge.requests[0]);
    pass(studio, 1000);
    studio.close();
  });

  test("progress, cancel and faults are said as in the others", () => {
    const { studio, live, track, bridge, device } = desk("Generate", { bridge: { plays: false } });
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    bridge.progress(bridge.requests[0], 0.4, "working");
    pass(studio, 50);
    assert.match(state(device), /40 %/);
    device.press("cancel");
    pass(studio, 200);
    assert.match(state(device), /Cancelled/);
    assert.deepEqual(takesOn(live, track), []);
    studio.close();
  });
});

describe("Generate near a clip", built("Generate"), () => {
  test("the clip that is near is sent and named, and what is kept besides it is another", (t) => {
    const scene = desk("Generate");
    const { studio, live, track, clip, bridge, device } = scene;
    if (!device.controls().some((one) => one.box.varname === "hold_near")) {
      t.skip("Generate does not go by a clip");
      studio.close();
      return;
    }
    live.clickClip(clip);
    pass(studio, 1000);
    device.press("hold_near");
    pass(studio, 100);
    assert.equal(device.reads("held_near"), "Beat");
    const distance = device.controls().find((one) => /distance/i.test(one.longname));
    device.turn(distance.longname, 20);
    play(scene);
    const { values } = bridge.requests[0];
    assert.ok(values.near > 0 && values.keep === 0);
    assert.equal(values.distance, 20);
    const [, sent] = [...bridge.clips].find(([key]) => key.endsWith(` ${values.near}`));
    assert.equal(sent.rows.length, beat(2).length);
    assert.equal(takesOn(live, track).length, 4);
    device.press("drop_near");
    pass(studio, 100);
    play(scene);
    assert.equal(bridge.requests[1].values.near, 0);
    hasNoFaults(bridge);
    studio.close();
  });
});

for (const name of ["Continue", "Generate", "Drumify"]) {
  describe(`${name}: what is kept`, built(name), () => {
    test("a clip that is held is sent and named; let go or deleted it is not", (t) => {
      const scene = desk(name);
      const { studio, live, track, clip, bridge, device } = scene;
      if (!device.controls().some((one) => one.box.varname === "hold_keep")) {
        t.skip(`${name} keeps nothing`);
        studio.close();
        return;
      }
      const kept = live.putClip(track, 6, beat(1), { name: "Kept", length: 4 });
      live.clickClip(kept);
      pass(studio, 1000);
      device.press("hold_keep");
      pass(studio, 100);
      assert.equal(device.reads("held_keep"), "Kept");
      live.clickClip(clip);
      pass(studio, 1000);
      play(scene);
      const { values } = bridge.requests[0];
      assert.ok(values.keep > 0 && values.keep !== values.clip);
      const [, sent] = [...bridge.clips].find(([key]) => key.endsWith(` ${values.keep}`));
      assert.equal(sent.rows.length, beat(1).length);
      live.deleteClip(kept);
      play(scene);
      assert.equal(bridge.requests[1].values.keep, 0);
      hasNoFaults(bridge);
      studio.close();
    });
  });
}

describe("Continue inside a clip", built("Continue"), () => {
  test("asks for the bars that are named, counted from 1, and writes beside the clip", (t) => {
    const scene = desk("Continue", {}, { bars: 4 });
    const { studio, live, track, clip, bridge, device } = scene;
    if (!NAMES.infill || !device.controls().some((one) => one.box.varname === "where")) {
      t.skip("the bridge or the device does not play inside a clip");
      studio.close();
      return;
    }
    const before = JSON.stringify(live.node(clip.id));
    device.choose("Where", "Inside");
    device.turn("From Bar", 3);
    device.turn("Bars", 2);
    play(scene);
    const [request] = bridge.requests;
    assert.equal(request.address, NAMES.infill);
    assert.deepEqual([request.values.first_bar, request.values.bars], [2, 2]);
    assert.equal(JSON.stringify(live.node(clip.id)), before);
    assert.equal(takesOn(live, track).length, 4);
    hasNoFaults(bridge);
    studio.close();
  });
});
