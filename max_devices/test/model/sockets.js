/*
 * udpsend and udpreceive (their reference pages; shared/reference/max-for-live.md, §5).
 */
"use strict";

const { decode, encode } = require("./osc");
const { MaxObject } = require("./patcher");

const LARGEST_PACKET = 5096; // udpsend, "maxpacketsize"
const QUEUE = 512; // udpreceive, "maxqueuesize"
const LINGER_MS = 100;

const SOCKETS = {};

/** "Messages are serialized and sent as OSC-compatible UDP packets." */
SOCKETS.udpsend = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 0);
    this.host = atoms.length > 0 ? atoms[0] : "127.0.0.1";
    this.port = atoms.length > 1 ? atoms[1] : 7400;
    this.largest = LARGEST_PACKET;
    this.mouth = this.max.network.open();
  }

  receive(inlet, message) {
    const first = message.atoms[0];
    if (message.selector === "host" || message.selector === "port") {
      this[message.selector] = first;
      this.reopen();
    } else if (message.selector === "maxpacketsize") {
      this.largest = first;
    } else if (message.selector !== "maxqueuesize") {
      this.transmit(message);
    }
  }

  transmit(message) {
    const packet = encode(message);
    if (packet.length > this.largest) {
      this.max.error(`${this.describe()}: a packet of ${packet.length} bytes is too large.`);
      return;
    }
    this.max.intern([message.selector, ...message.atoms]);
    this.max.network.send(this.mouth, this.host, this.port, packet);
  }

  /** What was sent before goes out first: a socket of Node hands its datagrams over a little later. */
  reopen() {
    const old = this.mouth;
    this.mouth = this.max.network.open();
    setTimeout(() => this.max.network.shut(old), LINGER_MS).unref();
  }

  free() {
    super.free();
    const old = this.mouth;
    setTimeout(() => this.max.network.shut(old), LINGER_MS).unref();
  }
};

/** "All OSC-compatible UDP messages received at the port are sent out the outlet." */
SOCKETS.udpreceive = class extends MaxObject {
  constructor(patcher, box, atoms, attributes) {
    super(patcher, box, 1, 1);
    this.ear = null;
    this.bound = null;
    this.waiting = 0;
    for (const name of Object.keys(attributes)) {
      if (!["defer", "quiet"].includes(name)) {
        this.max.error(`udpreceive has no attribute ${name} in Max 8 (§5.1).`);
      }
    }
    if (atoms.length > 0) {
      this.listen(atoms[0]);
    }
  }

  listen(port) {
    this.silence();
    let isTaken = false;
    const ear = this.max.network.listen(
      port,
      (packet) => this.heard(packet),
      () => {
        isTaken = true;
        this.max.post(`udpreceive: bind to port ${port} unsuccessful`); // nothing leaves the outlet
        if (this.bound === port) {
          this.ear = null;
          this.bound = null;
        }
      }
    );
    this.ear = isTaken ? null : ear;
    this.bound = isTaken ? null : port;
  }

  heard(packet) {
    if (this.freed || this.waiting >= QUEUE) {
      return;
    }
    this.waiting += 1;
    this.max.thread.post(() => {
      this.waiting -= 1;
      const { messages, errors } = decode(packet);
      errors.forEach((text) => this.max.error(text));
      for (const message of messages) {
        this.max.intern([message.selector, ...message.atoms]);
        if (!this.freed) {
          this.send(0, message);
        }
      }
    });
  }

  receive(inlet, message) {
    if (message.selector === "port") {
      this.listen(message.atoms[0]);
    } else if (!["maxqueuesize", "quiet", "defer"].includes(message.selector)) {
      this.refuse(message);
    }
  }

  silence() {
    if (this.ear) {
      this.max.network.hush(this.ear);
      this.ear = null;
      this.bound = null;
    }
  }

  free() {
    super.free();
    this.silence();
  }
};

module.exports = { SOCKETS };
