/*
 * The sockets of Max. UDP is real: what udpsend writes is a datagram, what udpreceive reads came
 * through a socket of its own. Only the bridge's eight ports are moved, to wherever the test's own
 * bridge listens, so that a bridge that runs on this machine is left alone.
 *
 * One udpreceive binds a port in the whole process; a second one is told so in the console only
 * (shared/reference/max-for-live.md, §5.3).
 */
"use strict";

const dgram = require("node:dgram");

const LOOPBACK = "127.0.0.1";

class UdpNetwork {
  constructor() {
    this.moved = new Map();
    this.mouths = new Set();
    this.ears = new Set();
    this.weather = null;
  }

  /** Messages to this port go to another from now on; to none where it is null. */
  move(port, to) {
    this.moved.set(port, to);
  }

  /**
   * A socket to send from. Each udpsend is taken to have one of its own, and another one after each
   * change of its port: nobody has written down what Max does, and this is the hardest case.
   */
  open() {
    const mouth = dgram.createSocket("udp4");
    mouth.on("error", () => {});
    mouth.unref();
    this.mouths.add(mouth);
    return mouth;
  }

  shut(mouth) {
    if (this.mouths.delete(mouth)) {
      mouth.close();
    }
  }

  send(mouth, host, port, packet) {
    const place = host === "localhost" ? LOOPBACK : host;
    if (place !== LOOPBACK) {
      throw new Error(`A device sends to ${host}: nothing may leave this machine.`);
    }
    const to = this.moved.has(port) ? this.moved.get(port) : port;
    if (to === null) {
      return;
    }
    this.travel("out", packet, () => {
      if (this.mouths.has(mouth)) {
        mouth.send(packet, to, LOOPBACK);
      }
    });
  }

  /** Listens on a port; `taken` is called when somebody else does. */
  listen(port, heard, taken) {
    const ear = dgram.createSocket({ type: "udp4", reuseAddr: false });
    this.ears.add(ear);
    ear.on("message", (packet) => this.travel("in", packet, () => this.ears.has(ear) && heard(packet)));
    ear.on("error", () => {
      this.hush(ear);
      taken();
    });
    ear.bind({ port, address: LOOPBACK, exclusive: true });
    ear.unref();
    return ear;
  }

  travel(direction, packet, deliver) {
    if (this.weather) {
      this.weather.pass(direction, packet, deliver);
    } else {
      deliver();
    }
  }

  hush(ear) {
    if (this.ears.delete(ear)) {
      ear.close();
    }
  }

  close() {
    for (const ear of [...this.ears]) {
      this.hush(ear);
    }
    for (const mouth of [...this.mouths]) {
      this.shut(mouth);
    }
  }
}

/**
 * A network in memory, for drawn time. `bridge(port, packet, mouth)` hears what nobody else listens
 * to. `foreign` holds ports that another program has taken.
 */
class MemoryNetwork {
  constructor(bridge) {
    this.bridge = bridge || (() => {});
    this.ears = new Map();
    this.sent = [];
    this.foreign = new Set();
  }

  open() {
    return {};
  }

  shut() {}

  send(mouth, host, port, packet) {
    this.sent.push({ port, packet });
    const ear = this.ears.get(port);
    if (ear) {
      ear.heard(packet);
    } else {
      this.bridge(port, packet, mouth);
    }
  }

  listen(port, heard, taken) {
    if (this.ears.has(port) || this.foreign.has(port) || this.foreign.has("all")) {
      taken();
      return null;
    }
    const ear = { port, heard };
    this.ears.set(port, ear);
    return ear;
  }

  /** A packet from outside, to whoever listens there. */
  deliver(port, packet) {
    const ear = this.ears.get(port);
    if (ear) {
      ear.heard(packet);
    }
    return Boolean(ear);
  }

  hush(ear) {
    if (ear && this.ears.get(ear.port) === ear) {
      this.ears.delete(ear.port);
    }
  }

  close() {
    this.ears.clear();
  }
}

module.exports = { UdpNetwork, MemoryNetwork, LOOPBACK };
