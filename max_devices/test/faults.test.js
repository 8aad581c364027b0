/*
 * Devices with a fault in them, made from the built Groove: the model must notice each. What stays
 * unnoticed here would stay unnoticed in a real Live too.
 */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { describe, test } = require("node:test");
const { readDevice } = require("./model/amxd");
const { MemoryNetwork } = require("./model/network");
const { ScriptedBridge } = require("./model/scripted");
const { builtDevices, fileOf, setWithBeat, takesOn } = require("./scenes");

const LIMIT_MS = 4000;
const MOST_SYMBOLS = 70; // of a device that is used once, with 26 notes

/** The built Groove with a fault: edit changes its patcher, its script, or both. */
function faulty({ patch = () => {}, script = (text) => text, rename }) {
  const device = readDevice(fs.readFileSync(fileOf("Groove")));
  const copy = structuredClone(device.patcher);
  patch(copy, (id) => copy.boxes.map((one) => one.box).find((one) => one.id === id || one.varname === id));
  const files = new Map();
  for (const [name, file] of device.files) {
    const text = script(file.bytes.toString("utf8"));
    files.set(rename ? rename(name) : name, { ...file, bytes: Buffer.from(text) });
  }
  return { ...device, patcher: copy, files };
}

/** Drags it in, waits until it is ready, presses, waits for four takes. Throws what Live would have shown. */
function use(built, choices = {}) {
  const network = new MemoryNetwork();
  const bridge = new ScriptedBridge(network);
  const { studio, live, track } = setWithBeat({ drawn: true, network, ...choices });
  const device = studio.drop(built, track);
  const wait = (truth, what) => {
    for (let passed = 0; !truth(); passed += 20) {
      if (passed > LIMIT_MS) {
        throw new Error(`It was not true that ${what}.\n${studio.describe()}`);
      }
      studio.max.thread.advance(20);
      studio.check();
      assert.deepEqual(bridge.faults, []);
    }
  };
  wait(() => device.patcher && device.shows("Ready."), "it is ready");
  for (const control of device.controls().filter((one) => one.initial !== undefined)) {
    assert.equal(control.value, control.initial, `${control.longname} begins at ${control.value}, not at ${control.initial}`);
  }
  device.press("press");
  wait(() => device.shows("4 takes written."), "4 takes are written");
  assert.equal(takesOn(live, track).length, 4);
  assert.equal(live.undoSteps("API"), 1);
  assert.deepEqual(bridge.faults, []);
  assert.deepEqual(studio.max.parameterWrites, []);
  assert.ok(studio.max.symbols.size < MOST_SYMBOLS, `${studio.max.symbols.size} symbols are kept for ever`);
  const named = (name) => [...device.patcher.everyObject()].find((one) => one.name === name);
  named("midiin").bytes([144, 60, 100]);
  assert.deepEqual(named("midiout").heard, [144, 60, 100], "the track's MIDI does not pass");
  studio.close();
}

function boxOf(patcher, name) {
  return patcher.boxes.map((one) => one.box).find((one) => (one.text || one.maxclass).split(" ")[0] === name);
}

/** Replaces a text that must be there, so that no fault is seeded by mistake into nothing. */
function swap(text, from, to) {
  assert.ok(text.includes(from), `the script has no "${from}" any more`);
  return text.split(from).join(to);
}

describe("a fault is noticed:", { skip: !builtDevices().includes("Groove") }, () => {
  test("none, in the device as it is", () => {
    use(faulty({}));
  });

  const faults = {
    "an object's name is misspelt": [{ patch: (patcher) => (boxOf(patcher, "udpsend").text = "upsend 127.0.0.1 1") }, /no upsend/],
    "a box says more outlets than it has": [{ patch: (patcher) => (boxOf(patcher, "js").numoutlets = 9) }, /outlets/],
    "a cord leads from an outlet that is not there": [
      { patch: (patcher) => (patcher.lines[0].patchline.source[1] = 9) }, /out of range/
    ],
    "a cord leads to no box": [{ patch: (patcher) => (patcher.lines[0].patchline.destination[0] = "obj-999") }, /no box/],
    "two boxes share an id": [
      { patch: (patcher) => (patcher.boxes[1].box.id = patcher.boxes[0].box.id) }, /Two boxes|no box|range|not true/
    ],
    "js is written as a maxclass": [{ patch: (patcher) => (boxOf(patcher, "js").maxclass = "js") }, /written as|no js|can't find/],
    "the script's name differs by case": [{ rename: (name) => name.toUpperCase() }, /can't find file/],
    "udpreceive does not reach the script": [
      {
        patch: (patcher) => {
          const { id } = boxOf(patcher, "udpreceive");
          patcher.lines = patcher.lines.filter((one) => one.patchline.source[0] !== id);
        }
      },
      /it is ready/
    ],
    "live.thisdevice does not reach the script": [
      {
        patch: (patcher) => {
          const { id } = boxOf(patcher, "live.thisdevice");
          patcher.lines = patcher.lines.filter((one) => one.patchline.source[0] !== id);
        }
      },
      /it is ready/
    ],
    "the big button is no parameter": [{ patch: (patcher, find) => (find("press").parameter_enable = 0) }, /no parameter/],
    "the big button is not in the presentation": [{ patch: (patcher, find) => delete find("press").presentation }, /not on the screen/],
    "newer JavaScript": [{ script: (text) => `${text}\nlet a = 1;` }, /ES5/],
    "a method that ES5 lacks": [{ script: (text) => swap(text, "function bang() {", "function bang() { [1].includes(1);") }, /includes/],
    "setTimeout": [{ script: (text) => swap(text, "function bang() {", "function bang() { setTimeout(bang, 1);") }, /setTimeout/],
    "LiveAPI in global code": [{ script: (text) => `${text}\nnew LiveAPI("live_set");` }, /global code/],
    "LiveAPI on loadbang": [
      { script: (text) => `${text}\nfunction loadbang() { new LiveAPI("live_set"); }` }, /before live\.thisdevice/
    ],
    "a write inside an observer": [
      {
        script: (text) =>
          `${swap(text, "function bang() {", "function bang() { watch();")}\nvar watcher; function watch() { watcher = new LiveAPI(function () {` +
          " new LiveAPI('live_set').set('tempo', 100); }, 'live_set'); watcher.property = 'tempo'; }"
      },
      /Changes cannot be triggered by notifications/
    ],
    "a note keeps its id when it is added": [
      { script: (text) => swap(text, "    pitch: row[0],", "    note_id: 5, pitch: row[0],") }, /note_id/
    ],
    "an old call": [{ script: (text) => swap(text, "get_all_notes_extended", "get_notes") }, /deprecated|no notes|not true/],
    "a message that the protocol does not know": [
      { script: (text) => swap(text, "PROTOCOL.addresses.clipEnd", "\"/bridge/clip/finish\"") }, /clip\/finish|not true/
    ],
    "a whole number that goes out as a float": [
      { script: (text) => swap(text, "return Math.round(beats * PROTOCOL.ticksPerBeat);", "return beats * PROTOCOL.ticksPerBeat + 0.5;") },
      /no whole number/
    ],
    "a parameter that the patch writes": [
      {
        patch: (patcher, find) =>
          patcher.lines.push({ patchline: { source: [boxOf(patcher, "live.thisdevice").id, 1], destination: [find("takes").id, 0] } })
      },
      /Takes begins at 1/
    ],
    "the track's MIDI does not pass": [
      {
        patch: (patcher) => {
          const { id } = boxOf(patcher, "midiin");
          patcher.lines = patcher.lines.filter((one) => one.patchline.source[0] !== id);
        }
      },
      /MIDI does not pass/
    ],
    "a print was left": [{ patch: (patcher) => (boxOf(patcher, "midiout").text = "print") }, /no print/],
    "a symbol for each note": [
      { script: (text) => swap(text, "Notes.row = function (note) {", "Notes.row = function (note) { outlet(1, ['state', 'set', 'note ' + note.note_id]);") },
      /symbols are kept|not true/
    ],
    "a wide parameter as Int, of which Live keeps 256 steps": [
      {
        patch: (patcher, find) => {
          find("amount").saved_attribute_attributes.valueof.parameter_type = 1;
          find("amount").saved_attribute_attributes.valueof.parameter_mmin = -1000;
          find("amount").saved_attribute_attributes.valueof.parameter_initial = [100];
        }
      },
      /Amount begins at -745/
    ],
    "NaN leaves the script": [{ script: (text) => swap(text, "function bang() {", "function bang() { outlet(0, 0 / 0);") }, /NaN/]
  };
  for (const [name, [seed, expected]] of Object.entries(faults)) {
    test(name, () => {
      const built = faulty(seed);
      assert.throws(() => use(built), (fault) => {
        assert.match(String(fault.message), expected);
        return true;
      });
    });
  }
});
