/* What musicians do that nobody planned for: odd names, quick fingers, two devices, other programs. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, hasNoFaults, pass, play, state, wait, writeMode } = require("./desk");
const { NAMES, PROTOCOL } = require("./model/scripted");
const { beat, builtDevices, fileOf, takesOn } = require("./scenes");

const GROOVE = { skip: !builtDevices().includes("Groove") };

describe("odd things", GROOVE, () => {
  const names = {
    "no name": "", "a number": "12", "a decimal number": "1.5", "quotes": 'The "Beat"', "a semicolon and a dollar": "a; b, $1",
    "umlauts and notes": "Größe ♪ 鼓", "a very long name": "x".repeat(300), "a name like a message": "set bang", "spaces": "  two  "
  };
  for (const [what, name] of Object.entries(names)) {
    test(`a clip and a track with ${what}`, () => {
      const scene = desk("Groove", {}, { fields: { name } });
      const { studio, live, track, bridge } = scene;
      live.rename(track, name);
      pass(studio, 1000);
      play(scene);
      assert.equal(takesOn(live, track).length, 4);
      hasNoFaults(bridge);
      studio.close();
    });
  }

  test("notes before the clip's beginning and behind its end, tiny ones, silent ones", () => {
    const notes = [
      { pitch: 36, start_time: -2, duration: 0.25 }, { pitch: 36, start_time: 0, duration: 0.0001 },
      { pitch: 0, start_time: 1, duration: 0.1, velocity: 1 }, { pitch: 127, start_time: 2, duration: 0.1, velocity: 127 },
      { pitch: 38, start_time: 100, duration: 4, mute: 1 }, { pitch: 42, start_time: 1 / 3, duration: 1 / 3, velocity: 63.3 }
    ];
    const scene = desk("Groove", {}, { notes });
    play(scene);
    hasNoFaults(scene.bridge);
    assert.equal(takesOn(scene.live, scene.track)[0].notes.length, 6);
    scene.studio.close();
  });

  test("triplets and Live's own fractions come back to the last digit where nothing changed", () => {
    const notes = [0, 1 / 3, 2 / 3, 1.1, 2.123456789].map((start_time) => ({ pitch: 36, start_time, duration: 1 / 7, velocity: 77.7 }));
    const scene = desk("Groove", {}, { notes });
    scene.bridge.take = (rows) => rows;
    play(scene);
    const back = takesOn(scene.live, scene.track)[0].notes;
    assert.deepEqual(back.map((note) => [note.start_time, note.duration, note.velocity]), notes.map((note) => [note.start_time, note.duration, note.velocity]));
    scene.studio.close();
  });

  test("tempo and metre of the Set are those of the request", () => {
    const scene = desk("Groove", { song: { tempo: 173.5 } }, { fields: { signature_numerator: 5 } });
    play(scene);
    const { frame } = scene.bridge.requests[0].clip;
    assert.ok(Math.abs(frame.tempo - 173.5) < 1e-3);
    assert.equal(frame.numerator, 5);
    scene.studio.close();
  });

  test("before Live 12.2 a take for the Arrangement goes through the Session and leaves no scene behind", () => {
    const { studio, live, track, device } = desk("Groove", { liveVersion: "11.3", scenes: 2 });
    live.putClip(track, 1, beat(1), { name: "Mine", length: 4 });
    const verse = live.putArrangementClip(track, 0, 8, beat(2), { name: "Verse" });
    live.clickArrangementClip(verse);
    pass(studio, 1000);
    device.press("press");
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    assert.equal(live.node(track.id).arrangement_clips.length, 5);
    assert.deepEqual(takesOn(live, track).map((clip) => clip.name), ["Mine"]);
    assert.equal(live.song.scenes.length, 2, "the Set has as many scenes as before");
    studio.close();
  });
});

describe("quick fingers", GROOVE, () => {
  test("ten presses in a row: the last one counts, four takes come", () => {
    const { studio, live, track, bridge, device } = desk("Groove");
    for (let count = 0; count < 10; count += 1) {
      device.press("press");
    }
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    pass(studio, 3000);
    assert.equal(takesOn(live, track).length, 4);
    hasNoFaults(bridge);
    studio.close();
  });

  test("pressed before the bridge is found: it is done as soon as it is", () => {
    const { studio, live, track, bridge, device } = desk("Groove", { unready: true, bridge: { isOn: false } });
    pass(studio, 1000);
    device.press("press");
    pass(studio, 2000);
    assert.equal(takesOn(live, track).length, 0);
    bridge.isOn = true;
    wait(studio, () => device.shows("4 takes written."), "4 takes are written", 8000);
    studio.close();
  });

  test("pressed and cancelled before the bridge is found: nothing is done later", () => {
    const { studio, live, track, bridge, device } = desk("Groove", { unready: true, bridge: { isOn: false } });
    pass(studio, 1000);
    device.press("press");
    pass(studio, 500);
    device.press("cancel");
    pass(studio, 500);
    bridge.isOn = true;
    pass(studio, 8000);
    assert.equal(takesOn(live, track).length, 0);
    assert.equal(bridge.requests.length, 0);
    studio.close();
  });

  test("pressed while there is no bridge: it gives up in words, and does nothing when one comes later", () => {
    const { studio, live, track, bridge, device } = desk("Groove", { unready: true, bridge: { isOn: false } });
    pass(studio, 1000);
    device.press("press");
    pass(studio, 40000);
    assert.match(state(device), /not running|Start/);
    bridge.isOn = true;
    pass(studio, 8000);
    assert.equal(takesOn(live, track).length, 0);
    studio.close();
  });

  test("cancel, then press at once: the new job comes whole, the old one not at all", () => {
    const { studio, live, track, bridge, device } = desk("Groove", { bridge: { plays: false } });
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    device.press("cancel");
    device.press("press");
    wait(studio, () => bridge.requests.length === 2, "it asked again");
    bridge.play(bridge.requests[0]);
    bridge.play(bridge.requests[1]);
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    assert.equal(takesOn(live, track).length, 4);
    studio.close();
  });

  test("another way of writing is chosen in the middle of a job: the job ends as it began", () => {
    const { studio, live, track, clip, bridge, device } = desk("Groove", { bridge: { plays: false } });
    const before = structuredClone(clip.notes);
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    writeMode(device, /place/i);
    pass(studio, 100);
    bridge.play(bridge.requests[0]);
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    assert.equal(takesOn(live, track).length, 4);
    assert.deepEqual(live.node(clip.id).notes, before);
    studio.close();
  });

  test("live.thisdevice bangs again, as after saving and for a preset: one bridge, one clock, one answer", () => {
    const { studio, live, track, bridge, device } = desk("Groove");
    device.each((object) => object.ready && object.ready());
    device.each((object) => object.ready && object.ready());
    pass(studio, 3000);
    assert.ok(device.shows("Ready."));
    const from = bridge.heard.length;
    pass(studio, 20000);
    const asked = bridge.heard.slice(from).filter((one) => one.address === NAMES.askStatus).length;
    assert.ok(asked <= 11, `${asked} questions in 20 s`);
    device.press("press");
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    assert.equal(takesOn(live, track).length, 4);
    studio.close();
  });
});

describe("company", GROOVE, () => {
  test("two devices on one track, pressed together: eight takes, none lost, none overwritten", () => {
    const { studio, live, track, device } = desk("Groove", { scenes: 12 });
    const other = studio.drop(fileOf("Groove"), track);
    wait(studio, () => other.patcher && other.shows("Ready."), "the other is ready");
    device.press("press");
    other.press("press");
    wait(studio, () => device.shows("4 takes written.") && other.shows("4 takes written."), "both are done");
    assert.equal(takesOn(live, track).length, 8);
    assert.ok(takesOn(live, track).every((take) => take.notes.length === beat(2).length));
    studio.close();
  });

  test("five copies listen on five ports and do not hear each other", () => {
    const { studio, network, bridge, device } = desk("Groove");
    const others = [1, 2, 3, 4].map((index) => studio.drop(fileOf("Groove"), studio.live.makeTrack(`T${index}`)));
    wait(studio, () => others.every((one) => one.patcher && one.shows("Ready.")), "all are ready");
    assert.equal(network.ears.size, 5);
    bridge.plays = false;
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    bridge.fail(bridge.requests[0], "busy", "The queue is full.");
    pass(studio, 100);
    assert.equal(state(device), "The queue is full.");
    assert.ok(others.every((one) => one.shows("Ready.")));
    studio.close();
  });

  test("one copy is deleted while the others work: they go on", () => {
    const { studio, live, track, bridge, device } = desk("Groove", { bridge: { plays: false } });
    const other = studio.drop(fileOf("Groove"), track);
    wait(studio, () => other.patcher && other.shows("Ready."), "the other is ready");
    device.press("press");
    wait(studio, () => bridge.requests.length === 1, "it asked");
    studio.remove(other);
    bridge.play(bridge.requests[0]);
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    assert.equal(takesOn(live, track).length, 4);
    studio.close();
  });

  test("all ports are taken by other programs: it says so in words", () => {
    const { studio, network, device } = desk("Groove", { unready: true });
    network.foreign.add("all");
    const second = studio.drop(fileOf("Groove"), studio.live.tracks[0]);
    wait(studio, () => second.patcher && /port/i.test(state(second)), "it says that no port is free", 30000);
    assert.ok(device.patcher);
    studio.close();
  });

  test("another program sends nonsense to its port: it is passed over", () => {
    const { studio, network, bridge, device } = desk("Groove");
    const [port] = network.ears.keys();
    for (const [address, atoms] of [
      ["/nonsense", [1, 2]], [NAMES.takeNotes, [1]], [NAMES.takeBegin, []], [NAMES.done, [7, 4]], [NAMES.progress, []],
      [NAMES.helloReply, ["x", 99, 1]], [NAMES.fail, [12345, "internal", "not for you"]], [NAMES.byeReply + "x", []]
    ]) {
      bridge.say(port, address, atoms);
    }
    pass(studio, 500);
    assert.equal(state(device), "Ready.");
    studio.close();
  });
});

describe("quiet", () => {
  for (const name of builtDevices()) {
    test(`${name}, left alone for ten minutes: no new symbol, a word every two seconds, an empty console`, () => {
      const { studio, network, live, device } = desk(name);
      pass(studio, 10000);
      const [symbols, sent] = [studio.max.symbols.size, network.sent.length];
      pass(studio, 600000);
      assert.equal(studio.max.symbols.size, symbols);
      assert.ok(network.sent.length - sent <= 310, `${network.sent.length - sent} messages`);
      assert.deepEqual(studio.max.posts, []);
      assert.equal(live.writes, 0);
      assert.equal(state(device), "Ready.");
      studio.close();
    });
  }

  const places = {
    "a clip of the Session": () => {},
    "nothing": ({ live, track, clip }) => {
      live.deleteClip(clip);
      live.clickSlot(live.node(track.id), 3);
    },
    "a gap of an Arrangement with 300 clips": ({ live, track }) => {
      for (let index = 0; index < 300; index += 1) {
        live.putArrangementClip(track, index * 16, 8, []);
      }
      live.clickArrangementClip(live.node(track.arrangement_clips[299]));
      live.song.current_song_time = 12;
    },
    "an Arrangement that plays": ({ live, track }) => {
      for (let index = 0; index < 300; index += 1) {
        live.putArrangementClip(track, index * 8, 8, []);
      }
      live.clickArrangementClip(live.node(track.arrangement_clips[250]));
    }
  };
  for (const [place, go] of Object.entries(places)) {
    test(`looking at ${place} costs Live less than 100 questions a second`, GROOVE, () => {
      const scene = desk("Groove");
      const { studio, live } = scene;
      go(scene);
      pass(studio, 2000);
      const reads = live.reads;
      pass(studio, 10000);
      assert.ok(live.reads - reads < 1000, `${(live.reads - reads) / 10} questions a second`);
      studio.close();
    });
  }

  test("2,000 notes go in bursts of at most 16 messages, 8 ms apart", GROOVE, () => {
    const notes = [];
    for (let step = 0; step < 2000; step += 1) {
      notes.push({ pitch: 36, start_time: step / 4, duration: 0.2 });
    }
    const { studio, network, device } = desk("Groove", {}, { bars: 125, notes });
    const times = [];
    const send = network.send.bind(network);
    network.send = (...given) => {
      times.push(studio.max.thread.now());
      send(...given);
    };
    device.turn("Takes", 1);
    device.press("press");
    for (let passed = 0; passed < 3000 && !device.shows("1 take written."); passed += 1) {
      studio.max.thread.advance(1);
    }
    studio.check();
    assert.ok(times.length > 100);
    for (let index = 0; index + PROTOCOL.burst < times.length; index += 1) {
      const span = times[index + PROTOCOL.burst] - times[index];
      assert.ok(span >= PROTOCOL.pauseMs - 1, `${PROTOCOL.burst + 1} messages within ${span} ms`);
    }
    studio.close();
  });
});
