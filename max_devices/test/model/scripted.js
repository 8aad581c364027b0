/*
 * A bridge that does what the test tells it, in drawn time. It holds what a device says against the
 * table of the protocol (src/Protocol.js, which the real bridge's table writes), and answers from it;
 * the real bridge is met in end_to_end.test.js.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const { Float, isSymbol, numberOf } = require("./atoms");
const { decode, encode } = require("./osc");

const SOURCE = path.resolve(__dirname, "../../src/Protocol.js");
const PROTOCOL = vm.runInNewContext(`${fs.readFileSync(SOURCE, "utf8")}; PROTOCOL`);
const NAMES = PROTOCOL.addresses;
const TOOLS = Object.keys(PROTOCOL.messages).filter(
  (address) => !PROTOCOL.messages[address].reply && PROTOCOL.messages[address].fields.some((one) => one.name === "takes" || one.name === "steps")
);

class ScriptedBridge {
  /** thread: whose clock it goes by; without one it says all at once. */
  constructor(network, thread) {
    this.network = network;
    this.thread = thread;
    this.outbox = [];
    this.port = PROTOCOL.ports[0];
    this.isOn = true;
    this.session = 1;
    this.number = PROTOCOL.number;
    this.plays = true; // answers a request with takes at once
    this.clients = new Map(); // by the mouth they speak from: the port they listen on
    this.clips = new Map();
    this.requests = [];
    this.heard = [];
    this.faults = [];
    network.bridge = (port, packet, mouth) => this.receive(port, packet, mouth);
  }

  receive(port, packet, mouth) {
    const [message] = decode(packet).messages;
    if (packet.length > PROTOCOL.maxBytes) {
      this.faults.push(`${message.selector} has ${packet.length} bytes.`);
    }
    if (!this.isOn || port !== this.port) {
      return;
    }
    const values = this.read(message);
    this.heard.push({ address: message.selector, values });
    if (values) {
      this.answer(message.selector, values, mouth);
    }
  }

  /** The values by the names of the table, or null and a fault. */
  read({ selector, atoms }) {
    const kind = PROTOCOL.messages[selector];
    if (!kind || kind.reply) {
      this.faults.push(`A device says ${selector}, which the bridge does not know.`);
      return null;
    }
    if (atoms.length > PROTOCOL.maxAtoms) {
      this.faults.push(`${selector} has ${atoms.length} atoms.`);
    }
    const values = {};
    kind.fields.forEach((field, index) => {
      const atom = index < atoms.length ? atoms[index] : field.fallback;
      values[field.name] = isSymbol(atom) ? atom : numberOf(typeof atom === "number" ? atom : atom);
      this.judge(selector, field, atom);
    });
    const tail = atoms.slice(kind.fields.length);
    values.rows = [];
    if (kind.tail) {
      for (let at = 0; at < tail.length; at += kind.tail.length) {
        const row = kind.tail.map((field, index) => {
          this.judge(selector, field, tail[at + index]);
          return numberOf(tail[at + index]);
        });
        values.rows.push(row);
      }
    } else if (tail.length > 0) {
      this.faults.push(`${selector} has ${tail.length} arguments too many.`);
    }
    return values;
  }

  judge(address, field, atom) {
    const say = (text) => this.faults.push(`${address}: ${field.name} is ${String(atom)}, ${text}.`);
    if (field.type === "s") {
      if (!isSymbol(atom)) {
        say("no text");
      } else if (field.choices && !field.choices.includes(atom)) {
        say(`not one of ${field.choices.join(", ")}`);
      } else if (field.limit && Buffer.byteLength(atom) > field.limit) {
        say(`longer than ${field.limit} bytes`);
      }
      return;
    }
    const number = numberOf(atom);
    if (Number.isNaN(number) || number < field.low || number > field.high) {
      say(`not from ${field.low} to ${field.high}`);
    } else if (field.type === "i" && (atom instanceof Float || !Number.isInteger(number))) {
      say("no whole number");
    }
  }

  answer(address, values, mouth) {
    if (address === NAMES.hello) {
      this.clients.set(mouth, values.reply_port);
      this.say(values.reply_port, NAMES.helloReply, ["0.1.0", this.number, this.session]);
      return;
    }
    const port = this.clients.get(mouth);
    if (port === undefined) {
      return;
    }
    const say = (name, atoms) => this.say(port, name, atoms);
    if (address === NAMES.sync) {
      say(NAMES.synced, [values.id]);
    } else if (address === NAMES.askStatus) {
      say(NAMES.statusReply, ["ready", 0, 0, "", "CPU", 100, 10]);
    } else if (address === NAMES.clipBegin) {
      this.clips.set(`${port} ${values.clip}`, { frame: values, pieces: new Map() });
    } else if (address === NAMES.clipNotes) {
      const clip = this.clips.get(`${port} ${values.clip}`);
      clip.pieces.set(values.piece, values.rows);
    } else if (address === NAMES.clipEnd) {
      this.finishClip(port, values.clip, say);
    } else if (address === NAMES.cancel) {
      say(NAMES.fail, [values.id, "cancelled", "The request was cancelled."]);
    } else if (address === NAMES.resend) {
      const request = this.requests.find((one) => one.port === port && one.values.id === values.id);
      this.sendTake(request, values.take, request.values.takes || request.values.steps, this.take, values.rows.flat());
    } else if (TOOLS.includes(address)) {
      this.request(port, address, values, say);
    }
  }

  finishClip(port, id, say) {
    const clip = this.clips.get(`${port} ${id}`);
    const rows = [];
    for (let piece = 0; piece * PROTOCOL.notesPerPiece < clip.frame.count; piece += 1) {
      if (!clip.pieces.has(piece)) {
        say(NAMES.clipMissing, [id, piece]);
        return;
      }
      rows.push(...clip.pieces.get(piece));
    }
    if (rows.length !== clip.frame.count || PROTOCOL.checksum(clip.frame, rows) !== clip.frame.checksum) {
      this.faults.push(`The clip ${id} came, but its checksum does not agree.`);
    }
    clip.rows = rows;
    say(NAMES.clipReady, [id]);
  }

  request(port, address, values, say) {
    const named = values.clip || values.a || 0;
    const clip = named ? this.clips.get(`${port} ${named}`) : null;
    if (named && !clip) {
      say(NAMES.fail, [values.id, "unknown-clip", "This clip was never sent."]);
      return;
    }
    const known = this.requests.find((one) => one.port === port && one.values.id === values.id);
    const request = known || { port, address, values, clip };
    if (!known) {
      this.requests.push(request);
    }
    say(NAMES.accepted, [values.id, 0]);
    if (this.plays || request.isPlayed) {
      this.play(request);
    }
  }

  /** Sends the takes of a request and its done. take(rows, index) gives the rows of a take. */
  play(request, take = this.take) {
    const { port, values } = request;
    request.isPlayed = true; // the same request again gets the same answer
    const count = values.takes || values.steps || 1;
    for (let index = 0; index < count; index += 1) {
      this.sendTake(request, index, count, take);
    }
    this.say(port, NAMES.done, [values.id, count]);
  }

  /** A take, or those of its pieces that are listed. */
  sendTake({ port, values, clip }, index, count, take = this.take, listed = []) {
    const frame = clip
      ? { ...clip.frame }
      : { length: 80640, loop_start: 0, loop_end: 80640, looping: 1, numerator: 4, denominator: 4, tempo: 120, drums: 1 };
    const rows = take(clip ? clip.rows : [[36, 0, 5040, 100, 0, 1, 0, 64, 0]], index);
    frame.count = rows.length;
    frame.checksum = PROTOCOL.checksum(frame, rows);
    const atoms = PROTOCOL.frameFields.map((field) =>
      field.type === "f" ? new Float(frame[field.name]) : frame[field.name]
    );
    const isListed = (piece) => listed.length === 0 || listed.includes(piece);
    this.say(port, NAMES.takeBegin, [values.id, index, count, (values.seed || 0) + index, ...atoms]);
    for (let piece = 0; piece * PROTOCOL.notesPerPiece < rows.length; piece += 1) {
      if (!isListed(piece)) {
        continue;
      }
      const part = rows.slice(piece * PROTOCOL.notesPerPiece, (piece + 1) * PROTOCOL.notesPerPiece);
      this.say(port, NAMES.takeNotes, [values.id, index, piece, ...part.flatMap(asAtoms)]);
    }
    this.say(port, NAMES.takeEnd, [values.id, index]);
  }

  /** A take of its own making: every hit a little late and softer, the more the higher its number. */
  take(rows, index) {
    return rows.map((row) => {
      const played = [...row];
      played[1] += 100 * (index + 1);
      played[3] = Math.max(1, row[3] - index - 1);
      return played;
    });
  }

  fail(request, code, text) {
    this.say(request.port, NAMES.fail, [request.values.id, code, text]);
  }

  progress(request, fraction, state) {
    this.say(request.port, NAMES.progress, [request.values.id, new Float(fraction), state]);
  }

  /** Another start: another session, all clips forgotten. */
  restart() {
    this.session += 1;
    this.clients.clear();
    this.clips.clear();
    this.isOn = true;
  }

  /** Sixteen messages at once, then a pause, as the protocol has it. */
  say(port, address, atoms) {
    this.outbox.push([port, encode({ selector: address, atoms })]);
    if (!this.isPausing) {
      this.pump();
    }
  }

  pump() {
    this.isPausing = false;
    const now = this.thread ? this.thread.now() : 0;
    if (!this.burst || now - this.burst.from >= PROTOCOL.pauseMs) {
      this.burst = { from: now, left: PROTOCOL.burst };
    }
    while (this.outbox.length > 0 && (this.burst.left > 0 || !this.thread)) {
      this.burst.left -= 1;
      this.network.deliver(...this.outbox.shift());
    }
    if (this.outbox.length > 0) {
      this.isPausing = true;
      this.thread.outside(PROTOCOL.pauseMs, () => this.pump());
    }
  }
}

function asAtoms(row) {
  return PROTOCOL.noteFields.map((field, index) =>
    field.type === "f" ? new Float(row[index]) : row[index]
  );
}

module.exports = { ScriptedBridge, PROTOCOL, NAMES, TOOLS };
