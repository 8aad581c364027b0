/*
 * OSC as udpsend writes it and udpreceive reads it (shared/reference/max-for-live.md, §5.2).
 * What Max is known to spoil, it spoils here; what nobody has written down is a fault of the test.
 */
"use strict";

const { Float, INT32, isSymbol } = require("./atoms");

class OscFault extends Error {}

/** The packet of a message: i for ints, f for floats, s for symbols. */
function encode(message) {
  const address = message.selector;
  if (!address.startsWith("/")) {
    throw new OscFault(`udpsend got "${address}", which is no OSC address.`);
  }
  let tags = ",";
  const parts = [];
  for (const atom of message.atoms) {
    if (isSymbol(atom)) {
      tags += "s";
      parts.push(padded(atom));
    } else if (atom instanceof Float) {
      tags += "f";
      const part = Buffer.alloc(4);
      part.writeFloatBE(Math.fround(atom.value), 0);
      parts.push(part);
    } else {
      if (Math.abs(atom) > INT32) {
        throw new OscFault(`udpsend got ${atom}; what it makes of it is unknown (§7.2).`);
      }
      tags += "i";
      const part = Buffer.alloc(4);
      part.writeInt32BE(atom, 0);
      parts.push(part);
    }
  }
  return Buffer.concat([padded(address), padded(tags), ...parts]);
}

/** The messages that come out of udpreceive for a packet, and what its console says. */
function decode(packet) {
  if (packet.length % 4 !== 0) {
    return refused(`OSC packet size (${packet.length}) not a multiple of 4 bytes: dropping`);
  }
  const reader = new Reader(packet);
  const address = reader.string();
  if (!address.startsWith("/")) {
    return refused(`OSC Bad message name string: ${address}`);
  }
  const tags = reader.string();
  if (!tags.startsWith(",")) {
    return refused("OSC message without type tags: dropping");
  }
  const atoms = [];
  for (const tag of tags.slice(1)) {
    if (tag === "i") {
      atoms.push(reader.take(4).readInt32BE(0));
    } else if (tag === "f") {
      atoms.push(new Float(reader.take(4).readFloatBE(0)));
    } else if (tag === "s") {
      atoms.push(reader.string());
    } else if (tag === "d") {
      reader.take(8);
      atoms.push(new Float(0)); // Max knows no doubles: it gives 0.
    } else if (tag === "b") {
      return refused("OSC Unrecognized type tag b. Unable to process message.");
    } else {
      throw new OscFault(`A message to Max carries the tag ${tag}; nobody knows what becomes of it.`);
    }
  }
  if (atoms.length > 256) {
    atoms.length = 256;
  }
  return { messages: [{ selector: address, atoms }], errors: [] };
}

function refused(text) {
  return { messages: [], errors: [`udpreceive: ${text}`] };
}

function padded(text) {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.includes(0)) {
    throw new OscFault("A symbol holds NUL.");
  }
  return Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))]);
}

class Reader {
  constructor(packet) {
    this.packet = packet;
    this.at = 0;
  }

  take(size) {
    if (this.at + size > this.packet.length) {
      throw new OscFault("A message to Max ends in the middle of an argument.");
    }
    this.at += size;
    return this.packet.subarray(this.at - size, this.at);
  }

  string() {
    const end = this.packet.indexOf(0, this.at);
    if (end < 0) {
      throw new OscFault("A string to Max has no end.");
    }
    const text = this.packet.subarray(this.at, end).toString("utf8");
    this.at += Math.ceil((end + 1 - this.at) / 4) * 4;
    return text;
  }
}

module.exports = { encode, decode, OscFault };
