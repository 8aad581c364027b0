/*
 * Reads a built .amxd: container, frozen files, patcher. It shares no code with the writer.
 *
 * What is asked of the file stands in shared/reference/max-for-live.md, §1.1 and §1.2: what every
 * one of 226 public devices has in common. Live says nothing when such a file is wrong; it shows an
 * empty device, or refuses the drop. So each complaint here is a sentence.
 */
"use strict";

const KINDS = {
  mmmm: { name: "MIDI effect", amxdtype: 1835887981 },
  aaaa: { name: "audio effect", amxdtype: 1633771873 },
  iiii: { name: "instrument", amxdtype: 1768515945 },
  natt: { name: "MIDI transformation", amxdtype: 1851880564 },
  nagg: { name: "MIDI generator", amxdtype: 1851877223 }
};
const MAC_EPOCH_S = 2082844800; // 1904-01-01 to 1970-01-01
const FIELDS = ["type", "fnam", "sz32", "of32", "vers", "flag", "mdat"];

class BrokenDevice extends Error {}

function broken(text) {
  throw new BrokenDevice(`${text} Live would show an empty device, or refuse the file.`);
}

/** The device in these bytes: kind, frozen files by name, patcher. */
function readDevice(bytes) {
  const chunks = readChunks(bytes);
  const order = chunks.map((chunk) => chunk.tag).join(",");
  if (order !== "ampf,meta,ptch") {
    broken(`The chunks are ${order}, not ampf,meta,ptch.`);
  }
  const [head, meta, body] = chunks.map((chunk) => chunk.payload);
  if (head.length !== 4 || meta.length !== 4) {
    broken(`ampf and meta have ${head.length} and ${meta.length} bytes, not 4.`);
  }
  const kind = head.toString("latin1");
  if (!KINDS[kind]) {
    broken(`The device is of the unknown kind "${kind}".`);
  }
  const frozen = body.subarray(0, 4).toString("latin1") === "mx@c";
  const mark = meta.readUInt32LE(0);
  if (frozen !== (mark === 7)) {
    broken(`meta is ${mark}, but the device is ${frozen ? "frozen (7)" : "not frozen (0 or 1)"}.`);
  }
  const files = frozen ? readFrozen(body) : [{ name: "", type: "JSON", flag: 17, bytes: body }];
  const patcher = readPatcher(files[0].bytes);
  const named = new Map();
  for (const file of files.slice(1)) {
    if (named.has(file.name)) {
      broken(`Two frozen files are called ${file.name}.`);
    }
    named.set(file.name, file);
  }
  return { kind, kindName: KINDS[kind].name, frozen, name: files[0].name, patcher, files: named };
}

/** What Live would not say about the patcher block of a device: a list of sentences. */
function findContradictions(device) {
  const found = [];
  const project = device.patcher.project;
  if (!project) {
    found.push("The patcher has no project block; Max may refuse it (§1.4).");
  } else if (project.amxdtype !== KINDS[device.kind].amxdtype) {
    found.push(`project.amxdtype is ${project.amxdtype}, but the device is a ${device.kindName}.`);
  }
  return found;
}

function readChunks(bytes) {
  const chunks = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) {
      broken(`${bytes.length - at} bytes stand behind the last chunk.`);
    }
    const tag = bytes.subarray(at, at + 4).toString("latin1");
    const size = bytes.readUInt32LE(at + 4);
    if (at + 8 + size > bytes.length) {
      broken(`The chunk ${tag} says ${size} bytes, but ${bytes.length - at - 8} are left.`);
    }
    chunks.push({ tag, payload: bytes.subarray(at + 8, at + 8 + size) });
    at += 8 + size;
  }
  return chunks;
}

function readFrozen(body) {
  if (body.readUInt32BE(4) !== 16) {
    broken(`The head of mx@c says ${body.readUInt32BE(4)} bytes, not 16.`);
  }
  const footer = Number(body.readBigUInt64BE(8));
  if (footer + 8 > body.length || body.subarray(footer, footer + 4).toString("latin1") !== "dlst") {
    broken(`There is no list of files at ${footer}.`);
  }
  const size = body.readUInt32BE(footer + 4);
  if (footer + size !== body.length) {
    broken(`The list of files ends at ${footer + size}, the chunk at ${body.length}.`);
  }
  const files = [];
  let at = footer + 8;
  let expected = 16;
  while (at < body.length) {
    const entry = readEntry(body, at, files.length);
    if (entry.offset !== expected) {
      broken(`${entry.name} is said to begin at ${entry.offset}, not at ${expected}.`);
    }
    entry.bytes = body.subarray(entry.offset, entry.offset + entry.size);
    expected += entry.size;
    files.push(entry);
    at += entry.length;
  }
  if (files.length === 0 || expected !== footer) {
    broken(`The files end at ${expected}, their list begins at ${footer}.`);
  }
  return files;
}

function readEntry(body, start, index) {
  if (body.subarray(start, start + 4).toString("latin1") !== "dire") {
    broken(`Entry ${index} of the list of files does not begin with dire.`);
  }
  const length = body.readUInt32BE(start + 4);
  const values = {};
  const order = [];
  let at = start + 8;
  while (at < start + length) {
    const tag = body.subarray(at, at + 4).toString("latin1");
    const size = body.readUInt32BE(at + 4);
    values[tag] = body.subarray(at + 8, at + size);
    order.push(tag);
    at += size;
  }
  if (order.join() !== FIELDS.join() || at !== start + length) {
    broken(`Entry ${index} has the fields ${order.join()}, not ${FIELDS.join()}.`);
  }
  const name = values.fnam.subarray(0, values.fnam.indexOf(0)).toString("utf8");
  const room = (Math.floor(Buffer.byteLength(name) / 4) + 1) * 4;
  if (values.fnam.length !== room || values.fnam.subarray(Buffer.byteLength(name)).some(Boolean)) {
    broken(`The name ${name} is not padded to ${room} bytes with NUL.`);
  }
  const flag = values.flag.readUInt32BE(0);
  const type = values.type.toString("latin1");
  if ((index === 0) !== (flag === 17)) {
    broken(`Entry ${index}, ${name}, carries the flag ${flag}.`);
  }
  if (index === 0 && type !== "JSON") {
    broken(`The device itself is of the type "${type}", not JSON.`);
  }
  if (values.vers.readUInt32BE(0) !== 0) {
    broken(`${name} carries the version ${values.vers.readUInt32BE(0)}, not 0.`);
  }
  return {
    name,
    type,
    flag,
    size: values.sz32.readUInt32BE(0),
    offset: values.of32.readUInt32BE(0),
    written: new Date((values.mdat.readUInt32BE(0) - MAC_EPOCH_S) * 1000),
    length
  };
}

function readPatcher(bytes) {
  if (bytes[bytes.length - 1] !== 0) {
    broken("The patcher does not end with NUL.");
  }
  const text = bytes.subarray(0, bytes.indexOf(0)).toString("utf8");
  let read;
  try {
    read = JSON.parse(text);
  } catch (fault) {
    broken(`The patcher is no JSON: ${fault.message}.`);
  }
  if (!read.patcher || !Array.isArray(read.patcher.boxes) || !Array.isArray(read.patcher.lines)) {
    broken("The patcher has no boxes or no lines.");
  }
  return read.patcher;
}

module.exports = { readDevice, findContradictions, BrokenDevice, KINDS };
