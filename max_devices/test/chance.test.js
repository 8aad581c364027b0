/*
 * A musician who does anything at any time, with a bridge that comes and goes and a Live that stalls:
 * whatever happens, what is the musician's stays, no line is red, and afterwards the device works.
 */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, pass, wait } = require("./desk");
const { chanceFrom } = require("./model/weather");
const { beat, builtDevices, fileOf, takesOn } = require("./scenes");

const STEPS = 250;
const SEEDS = [1, 2, 3, 4, 5, 6];
const PLAYERS = builtDevices().filter((name) => ["Groove", "Continue", "Drumify"].includes(name));

/** One run: gives the scene after so many acts, and throws where something of the musician's was touched. */
function run(seed, name) {
  const chance = chanceFrom(seed);
  const under = (most) => Math.floor(chance() * most);
  const one = (list) => list[under(list.length)];
  const scene = desk(name, { detailClip: one(["shown", "hidden"]), notifies: one(["later", "at-once"]), liveVersion: one(["11.3", "12.2", "12.4"]) });
  const { studio, live, bridge } = scene;
  const other = live.makeTrack("Other");
  live.putClip(other, 0, beat(1), { name: "Mine too", length: 4 });
  const devices = [scene.device, studio.drop(fileOf(one(PLAYERS)), other)];
  wait(studio, () => devices.every((device) => device.patcher && device.shows("Ready.")), "both are ready");
  studio.expectError(/frozen tracks/);
  const made = /^(★ )?(Groove|Continue|Drumify) · /;
  const mine = new Map();
  const lines = [];

  const isMine = (clip) => clip.name !== "" && !made.test(clip.name);
  const remember = () => {
    mine.clear();
    for (const node of live.nodes.values()) {
      if (node.kind === "Clip" && isMine(node)) {
        mine.set(node.id, JSON.stringify([node.notes, node.loop_on, node.name]));
      }
    }
  };
  const look = () => {
    for (const [id, was] of mine) {
      const clip = live.node(id);
      assert.ok(clip, `a clip of the musician's is gone after: ${lines.slice(-6).join(", ")}`);
      assert.equal(JSON.stringify([clip.notes, clip.loop_on, clip.name]), was, `after: ${lines.slice(-6).join(", ")}`);
    }
  };
  const clips = () => [...live.nodes.values()].filter((node) => node.kind === "Clip");
  const free = () => devices.filter((device) => !device.isFreed);
  const press = (button) => {
    const device = one(free());
    const control = device && device.patcher && device.find(button);
    if (control && !control.obstacle()) {
      device.press(button);
    }
  };
  const acts = {
    press: () => press("press"),
    "press again": () => press("press"),
    cancel: () => press("cancel"),
    next: () => press("next"),
    previous: () => press("previous"),
    star: () => press("star"),
    pin: () => press("pin"),
    test: () => press("test"),
    write: () => {
      const device = one(free());
      device.choose("write", device.find("write").items[under(2)]); // new clips or one; never in place
    },
    takes: () => one(free()).turn("Takes", 1 + under(6)),
    "click a clip": () => {
      const clip = one(clips());
      if (clip) {
        (clip.is_arrangement_clip ? live.clickArrangementClip : live.clickClip).call(live, clip);
      }
    },
    "click a slot": () => live.clickSlot(one(live.tracks), under(live.song.scenes.length)),
    "new clip": () => {
      const track = one(live.tracks);
      const row = live.slotsOf(track).findIndex((slot) => !slot.clip);
      if (row >= 0) {
        live.acts("new clip", () => live.putClip(live.node(track.id), row, beat(1), { name: `Mine ${lines.length}`, length: 4 }));
      }
    },
    "new clip on the timeline": () => {
      const track = one(live.tracks);
      const start = 8 * live.node(track.id).arrangement_clips.length + 400 + 8 * under(40);
      live.acts("new clip", () => live.putArrangementClip(live.node(track.id), start, 4, beat(1), { name: `Mine at ${start}` }));
    },
    "edit a clip": () => {
      const clip = one(clips());
      if (clip) {
        live.editNotes(clip, (notes) => notes.forEach((note) => (note.velocity = 1 + under(126))));
      }
    },
    "delete a clip": () => clips().length > 2 && live.deleteClip(one(clips())),
    "insert a scene": () => live.song.scenes.length < 30 && live.insertScene(under(live.song.scenes.length)),
    "move a track": () => live.moveTrack(one(live.tracks), under(live.tracks.length)),
    undo: () => live.undo(),
    stall: () => studio.max.thread.stall(under(6000)),
    "the bridge goes": () => (bridge.isOn = false),
    "the bridge comes": () => bridge.restart(),
    "the bridge keeps still": () => (bridge.plays = false),
    "the bridge plays": () => {
      bridge.plays = true;
      bridge.requests.slice(-2).forEach((request) => bridge.play(request));
    },
    "a fault": () => bridge.requests.length && bridge.fail(one(bridge.requests), "internal", "A fault of the bridge."),
    wait: () => {},
    "wait long": () => later(under(12000))
  };
  function later(ms) {
    for (let passed = 0; passed < ms; passed += 50) {
      studio.max.thread.advance(50);
    }
    studio.check();
    look();
  }

  remember();
  for (let step = 0; step < STEPS; step += 1) {
    const name = one(Object.keys(acts));
    lines.push(name);
    look();
    try {
      acts[name]();
      remember(); // the musician's own act may change anything
      later(under(300));
    } catch (fault) {
      fault.message = `seed ${seed}, step ${step}, after ${lines.slice(-8).join(", ")}:\n${fault.message}`;
      throw fault;
    }
  }
  return { ...scene, live, devices, lines };
}

describe("whatever happens", { skip: PLAYERS.length === 0 }, () => {
  for (const seed of SEEDS) {
    test(`with chance ${seed}: nothing of the musician's is touched, and the device works afterwards`, () => {
      const name = PLAYERS[seed % PLAYERS.length];
      const { studio, live, bridge, devices } = run(seed, name);
      bridge.restart();
      bridge.plays = true;
      pass(studio, 40000);
      const device = devices[0];
      const track = live.makeTrack("Last");
      const clip = live.putClip(track, 0, beat(1), { name: "The last", length: 4 });
      live.clickClip(clip);
      if (device.find("pin").value) {
        device.press("pin");
      }
      device.choose("write", device.find("write").items[0]);
      device.turn("Takes", 2);
      pass(studio, 1500);
      device.press("press");
      wait(studio, () => device.shows("2 takes written."), "it works again", 20000);
      const home = name === "Drumify" ? live.node(device.track.id) : track;
      assert.ok(takesOn(live, home).length >= 1);
      assert.deepEqual(bridge.faults, []);
      studio.close();
    });
  }
});
