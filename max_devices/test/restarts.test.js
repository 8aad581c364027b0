/*
 * The real bridge comes and goes: it is not there, it is started, killed in the middle of a job,
 * stopped, started again on another port. Each test has a bridge of its own.
 */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Bridge, lead } = require("./model/bridge");
const { Weather } = require("./model/weather");
const { fileOf, ready, says, score, setWithBeat, takesOn } = require("./scenes");

test("dragged in without a bridge; the bridge is started; it is found and works", async (t) => {
  const { studio, live, track, clip } = setWithBeat();
  t.after(() => studio.close());
  lead(studio, null);
  const device = studio.drop(fileOf("Groove"), track);
  await says(studio, device, "not running", 10000);
  device.press("Start");
  await studio.until(() => studio.max.commands.length === 1, "Start opened something");
  assert.deepEqual(studio.max.commands[0].atoms, ["clipbridge://start"]);
  const bridge = await Bridge.start();
  t.after(() => bridge.stop());
  lead(studio, bridge.port, 2);
  await says(studio, device, "Ready.", 10000);
  device.press("press");
  await says(studio, device, "4 takes written.");
  const source = clip.notes.map(score).sort();
  takesOn(live, track).forEach((take) => assert.deepEqual(take.notes.map(score).sort(), source));
});

test("killed in the middle of a job and started again on another port: the takes come, each once", async (t) => {
  const bridge = await Bridge.start();
  const { studio, live, track, clip } = setWithBeat();
  t.after(() => studio.close());
  const device = await ready(studio, "Groove", track, bridge.port);
  const weather = (studio.max.network.weather = new Weather());
  weather.hold((way, address) => way === "in" && /\/bridge\/(take|done)/.test(address));
  device.turn("Seed", 31);
  device.press("press");
  await studio.until(() => weather.happened.held > 0, "the bridge worked on it");
  await bridge.kill();
  weather.kept = []; // what was on its way is lost
  weather.holding = null;
  const second = await Bridge.start();
  t.after(() => second.stop());
  lead(studio, second.port, 3);
  await says(studio, device, /not answer|started anew/, 12000);
  await says(studio, device, "4 takes written.", 30000);
  assert.deepEqual(takesOn(live, track).map((take) => take.name), [1, 2, 3, 4].map((index) => `Groove · ${index}/4 · ${30 + index}`));
  const source = clip.notes.map(score).sort();
  takesOn(live, track).forEach((take) => assert.deepEqual(take.notes.map(score).sort(), source));
});

test("stopped as with Ctrl-C: the device says so at once, and finds the next one", async (t) => {
  const bridge = await Bridge.start();
  const { studio, track } = setWithBeat();
  t.after(() => studio.close());
  const device = await ready(studio, "Groove", track, bridge.port);
  await bridge.stop();
  await says(studio, device, "stopped", 2000);
  const second = await Bridge.start();
  t.after(() => second.stop());
  lead(studio, second.port);
  await says(studio, device, "Ready.", 10000);
});
