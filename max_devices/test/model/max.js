/*
 * Max inside Live: what all devices of one Live share. The main thread, the sockets, the console,
 * names of send and receive, Global, Dict, the table of symbols.
 *
 * Nothing is lenient: whatever Max would write in red into a console that no musician opens is kept
 * in `errors`, and a test that does not expect it fails with it.
 */
"use strict";

const { MainThread } = require("./time");
const { UdpNetwork } = require("./network");
const { isSymbol } = require("./atoms");

const VERSIONS = { 11: "8.5.8", "12.0": "8.6.4", 12.2: "9.0.7", 12.4: "9.1.4" };

class Max {
  /**
   * liveVersion: "11.3", "12.0", "12.2" or "12.4". drawn: whether time is drawn (see time.js).
   * network: where datagrams go. cordOrder: "right-to-left", as Max, or "left-to-right", to show
   * that a device does not rely on it.
   */
  constructor({ liveVersion = "12.2", drawn = false, network, cordOrder = "right-to-left" } = {}) {
    this.liveVersion = liveVersion;
    this.version = VERSIONS[liveVersion] || VERSIONS[liveVersion.split(".")[0]];
    this.network = network || new UdpNetwork();
    this.cordOrder = cordOrder;
    this.faults = [];
    this.errors = [];
    this.posts = [];
    this.thread = new MainThread({ drawn, fault: (fault) => this.faults.push(fault) });
    this.receivers = new Map();
    this.globals = new Map();
    this.dictionaries = new Map();
    this.symbols = new Set();
    this.commands = []; // to Max itself: launchbrowser and the like
    this.parameterWrites = [];
    this.devices = [];
    this.nextDevice = 1;
    this.depth = 0;
  }

  /** What Max would write in red. */
  error(text) {
    this.errors.push(text);
  }

  post(text) {
    this.posts.push(text);
  }

  /** Max keeps every symbol for ever (§3.1); here they are counted. */
  intern(atoms) {
    for (const atom of atoms) {
      if (isSymbol(atom)) {
        this.symbols.add(atom);
      }
    }
  }

  /** A message to a name: `send`, `messnamed`, `; name …`. */
  tell(name, message) {
    if (name === "max") {
      this.commands.push(message);
      return;
    }
    const listeners = this.receivers.get(name);
    if (!listeners || listeners.size === 0) {
      return;
    }
    for (const listener of [...listeners]) {
      listener(message);
    }
  }

  listenTo(name, listener) {
    if (!this.receivers.has(name)) {
      this.receivers.set(name, new Set());
    }
    this.receivers.get(name).add(listener);
    return () => this.receivers.get(name).delete(listener);
  }

  /** Throws what went wrong inside the model, if anything did. */
  check() {
    if (this.faults.length > 0) {
      throw this.faults[0];
    }
  }

  close() {
    this.thread.close();
    this.network.close();
  }
}

/** A thing that the model has no knowledge of: the test ends, and says what is missing. */
class NoModel extends Error {}

module.exports = { Max, NoModel };
