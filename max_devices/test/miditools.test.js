/*
 * The experimental MIDI Tools of Live 12, in a model of what Live asks and when it wants the answer
 * (field.md, §1.19). Nobody has seen the pattern work in a real Live.
 */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { describe, test } = require("node:test");
const { pass, wait } = require("./desk");
const { readDevice } = require("./model/amxd");
const { ToolDesk } = require("./model/miditool");
const { MemoryNetwork } = require("./model/network");
const { ScriptedBridge } = require("./model/scripted");
const { beat, DEVICES, setWithBeat } = require("./scenes");

const FOLDER = path.join(DEVICES, "experimental");
const TOOLS = fs.existsSync(FOLDER) ? fs.readdirSync(FOLDER).filter((name) => name.endsWith(".amxd")).sort() : [];

function desk(file, choices = {}) {
  const network = new MemoryNetwork();
  const bridge = new ScriptedBridge(network);
  Object.assign(bridge, choices.bridge || {});
  const scene = setWithBeat({ drawn: true, network, ...choices });
  const tool = scene.studio.openTool(path.join(FOLDER, file), scene.clip);
  if (bridge.isOn) {
    wait(scene.studio, () => tool.patcher && tool.shows("Ready"), `"${file}" is ready`);
  } else {
    pass(scene.studio, 1000);
  }
  return { ...scene, network, bridge, tool };
}

const starts = (live, clip) => live.node(clip.id).notes.map((note) => [note.pitch, note.start_time]);

for (const file of TOOLS) {
  const isGenerator = readDevice(fs.readFileSync(path.join(FOLDER, file))).kind === "nagg";
  describe(file, () => {
    test("is of a kind that Live 12 shows among its tools, and loads without a red line", () => {
      const device = readDevice(fs.readFileSync(path.join(FOLDER, file)));
      assert.ok(["natt", "nagg"].includes(device.kind));
      const { studio, bridge } = desk(file);
      assert.deepEqual(bridge.faults, []);
      studio.close();
    });

    test("answers in the very event, and again with the bridge's notes", () => {
      const { studio, live, clip, bridge, tool } = desk(file, { bridge: { plays: false } });
      const before = starts(live, clip);
      const applied = tool.desk.applied;
      tool.apply();
      studio.max.thread.advance(1);
      studio.check();
      assert.ok(tool.desk.applied > applied, "it answered");
      if (!isGenerator) {
        assert.deepEqual(starts(live, clip), before, "as it came");
      }
      wait(studio, () => bridge.requests.length === 1, "it asked the bridge");
      bridge.play(bridge.requests[0]);
      wait(studio, () => JSON.stringify(starts(live, clip)) !== JSON.stringify(before), "the bridge's notes are in the clip");
      pass(studio, 5000);
      assert.equal(bridge.requests.length, 1, "one question is enough");
      assert.deepEqual(bridge.faults, []);
      studio.close();
    });

    test("another clip is opened meanwhile: nothing of the first gets into it", () => {
      const { studio, live, track, clip, bridge, tool } = desk(file, { bridge: { plays: false } });
      const other = live.putClip(track, 3, beat(1).slice(0, 5), { name: "Other", length: 4 });
      const before = starts(live, other);
      tool.apply();
      wait(studio, () => bridge.requests.length === 1, "it asked the bridge");
      tool.desk.open(other);
      bridge.play(bridge.requests[0]);
      pass(studio, 300);
      if (!isGenerator) {
        assert.deepEqual(starts(live, other), before);
        assert.equal(live.node(clip.id).notes.length, beat(2).length);
      }
      studio.close();
    });

    test("a control that is turned asks anew, from the first notes of the cycle", () => {
      const { studio, live, clip, bridge, tool } = desk(file);
      tool.apply();
      wait(studio, () => bridge.requests.length === 1, "it asked the bridge");
      pass(studio, 500);
      const control = tool.controls().find((one) => one.type === 0 && one.isShown);
      tool.turn(control.longname, control.least + (control.most - control.least) / 4);
      wait(studio, () => bridge.requests.length === 2, "it asked again");
      if (!isGenerator) {
        assert.deepEqual(bridge.requests[1].clip.rows.map((row) => row.slice(0, 3)), bridge.requests[0].clip.rows.map((row) => row.slice(0, 3)));
      }
      pass(studio, 1000);
      assert.ok(live.node(clip.id).notes.length > 0);
      assert.deepEqual(bridge.faults, []);
      studio.close();
    });

    test("without a bridge it gives back what came, and says what is missing", () => {
      const { studio, live, clip, tool } = desk(file, { bridge: { isOn: false } });
      const before = starts(live, clip);
      pass(studio, 4000);
      tool.apply();
      pass(studio, 1000);
      if (!isGenerator) {
        assert.deepEqual(starts(live, clip), before);
      }
      assert.ok(tool.shows(/bridge/i));
      studio.close();
    });
  });
}

test("an answer that comes late, or not at all, is said in Live's own words", () => {

  const { studio, live, clip } = setWithBeat({ drawn: true, network: new MemoryNetwork() });
  const late = new ToolDesk(studio.max, live, false);
  late.open(clip);
  late.ask({ out: () => {} });
  late.answer("anything");
  assert.match(studio.max.errors[0], /Did not receive a Note dictionary in time/);
  assert.match(studio.max.errors[1], /Received a Note dictionary asynchronously/);
  studio.close();
});
