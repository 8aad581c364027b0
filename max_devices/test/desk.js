/*
 * A desk in drawn time: a Set with a beat, a bridge that does as it is told, a device that found it.
 */
"use strict";

const assert = require("node:assert/strict");
const { MemoryNetwork } = require("./model/network");
const { ScriptedBridge } = require("./model/scripted");
const { fileOf, setWithBeat } = require("./scenes");

const SHORT_MS = 3000; // what a device may need for anything, in drawn time

/** A Set with a beat in drawn time, a scripted bridge, and a device that has found it. */
function desk(name, choices = {}, beatOf = {}) {
  const network = new MemoryNetwork();
  const bridge = new ScriptedBridge(network);
  const scene = setWithBeat({ drawn: true, network, ...choices }, beatOf);
  Object.assign(bridge, { thread: scene.studio.max.thread }, choices.bridge || {});
  const device = scene.studio.drop(fileOf(name), scene.track, choices.stored);
  const { studio } = scene;
  if (!choices.unready) {
    wait(studio, () => device.patcher && device.shows("Ready."), `"${name}" is ready`);
  }
  return { ...scene, network, bridge, device };
}

/** Lets drawn time pass until it is true, 10 ms a step. */
function wait(studio, truth, what, limit = SHORT_MS) {
  for (let passed = 0; passed <= limit; passed += 10) {
    if (truth()) {
      return;
    }
    studio.max.thread.advance(10);
    studio.check();
  }
  throw new Error(`After ${limit / 1000} s it was not true that ${what}.\n${studio.describe()}`);
}

function pass(studio, ms) {
  for (let passed = 0; passed < ms; passed += 50) {
    studio.max.thread.advance(Math.min(50, ms - passed));
  }
  studio.check();
}

function state(device) {
  return device.reads("state");
}

function writeMode(device, pattern) {
  const found = device.find("write").items.find((item) => pattern.test(item));
  device.choose("write", found);
}

function hasNoFaults(bridge) {
  assert.deepEqual(bridge.faults, []);
}

/** Presses the big button and waits until the device says that so many takes are written. */
function play({ studio, device, bridge }, takes = 4) {
  const asked = bridge.requests.length;
  device.press("press");
  wait(studio, () => bridge.requests.length > asked, `"${device.title}" asked the bridge`);
  const words = takes === 1 ? "1 take written." : `${takes} takes written.`;
  wait(studio, () => device.shows(words), `"${device.title}" says ${words}`);
}

module.exports = { desk, hasNoFaults, pass, play, SHORT_MS, state, wait, writeMode };
