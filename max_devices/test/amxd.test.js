/* The reader of .amxd files, held against max-for-live.md §1.1, §1.2 and §1.4. */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { describe, test } = require("node:test");
const { readDevice, findContradictions, BrokenDevice, KINDS } = require("./model/amxd");
const { container } = require("./pack");
const { builtDevices, fileOf } = require("./scenes");

const EMPTY = { boxes: [], lines: [], project: { amxdtype: KINDS.mmmm.amxdtype } };
const SCRIPT = { name: "a-script.js", type: "TEXT", bytes: Buffer.from("var a;\n") };

function whole() {
  return container(EMPTY, { files: [SCRIPT] });
}

test("a frozen device gives its kind, its patcher and its files as they were (§1.2)", () => {
  const device = readDevice(whole());
  assert.deepEqual([device.kind, device.frozen, device.name], ["mmmm", true, "Small.amxd"]);
  assert.deepEqual(device.patcher, EMPTY);
  assert.deepEqual(device.files.get("a-script.js").bytes, SCRIPT.bytes);
  assert.deepEqual(findContradictions(device), []);
});

test("the first 32 bytes are those of the KeyStepper that the reference prints (§1.1)", () => {
  const head = "616d7066040000006d6d6d6d6d6574610400000007000000707463687d";
  assert.equal(whole().subarray(0, 28).toString("hex"), head.slice(0, 56));
});

test("an unfrozen device is read up to its NUL, whatever garbage follows (§1.1)", () => {
  const json = Buffer.from(`${JSON.stringify({ patcher: EMPTY })}\n\0`);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(json.length);
  const meta = Buffer.from("meta\x04\0\0\0\x01\0\0\0", "latin1");
  const bytes = Buffer.concat([Buffer.from("ampf\x04\0\0\0mmmm", "latin1"), meta, Buffer.from("ptch"), size, json]);
  assert.equal(readDevice(bytes).frozen, false);
});

describe("a device with one fault is refused in words:", () => {
  const faults = {
    "a byte too many at the end": (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
    "a byte too few": (bytes) => bytes.subarray(0, bytes.length - 1),
    "an unknown kind": (bytes) => edited(bytes, (copy) => copy.write("zzzz", 8)),
    "meta of an unfrozen device": (bytes) => edited(bytes, (copy) => copy.writeUInt32LE(1, 20)),
    "sizes in the wrong order of bytes": (bytes) => edited(bytes, (copy) => copy.writeUInt32BE(4, 4)),
    "a footer somewhere else": (bytes) => edited(bytes, (copy) => copy.writeBigUInt64BE(20n, 40)),
    "a list of files that is too short": (bytes) =>
      edited(bytes, (copy) => copy.writeUInt32BE(100, copy.indexOf("dlst") + 4)),
    "a file that begins elsewhere": (bytes) =>
      edited(bytes, (copy) => copy.writeUInt32BE(99, copy.lastIndexOf("of32") + 8)),
    "a name without padding": (bytes) => edited(bytes, (copy) => copy.write("X", copy.lastIndexOf("a-script.js") + 11)),
    "the flag of the device on another file": (bytes) =>
      edited(bytes, (copy) => copy.writeUInt32BE(17, copy.lastIndexOf("flag") + 8)),
    "a version": (bytes) => edited(bytes, (copy) => copy.writeUInt32BE(1, copy.lastIndexOf("vers") + 8)),
    "fields in another order": (bytes) => edited(bytes, (copy) => copy.write("flag", copy.lastIndexOf("vers"))),
    "no NUL behind the patcher": (bytes) => edited(bytes, (copy) => copy.write(" ", copy.indexOf("var a;") - 1)),
    "a patcher that is no JSON": (bytes) => edited(bytes, (copy) => copy.write("[[", copy.indexOf('{"patcher'))),
    "two files of one name": () => container(EMPTY, { files: [SCRIPT, SCRIPT] })
  };
  for (const [name, seed] of Object.entries(faults)) {
    test(name, () => {
      assert.throws(() => readDevice(seed(whole())), BrokenDevice);
    });
  }
});

test("a project block that is missing or of another kind is a contradiction (§1.4)", () => {
  const without = readDevice(container({ boxes: [], lines: [] }));
  assert.match(findContradictions(without)[0], /no project/);
  const other = readDevice(container(EMPTY, { kind: "natt" }));
  assert.match(findContradictions(other)[0], /amxdtype/);
});

for (const name of builtDevices()) {
  test(`${name}.amxd is a whole, frozen device without contradictions`, () => {
    const device = readDevice(fs.readFileSync(fileOf(name)));
    assert.equal(device.frozen, true);
    assert.equal(device.kind, "mmmm");
    assert.deepEqual(findContradictions(device), []);
    assert.equal(device.name, `${name}.amxd`);
  });
}

function edited(bytes, edit) {
  const copy = Buffer.from(bytes);
  edit(copy);
  return copy;
}
