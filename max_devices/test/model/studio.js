/*
 * A desk to test at: one Live with Max inside, one Set at a time, devices on its tracks. Waiting is
 * for a truth with a limit, and what fails says in words what Live would have shown.
 */
"use strict";

const fs = require("node:fs");
const { readDevice } = require("./amxd");
const { Device, MidiTool } = require("./device");
const { Live } = require("./live");
const { Max } = require("./max");

const LIMIT_MS = 20000;
const LOOK_MS = 5;

class Studio {
  /** choices: those of Max (liveVersion, drawn, network, cordOrder) and of Live. */
  constructor(choices = {}) {
    this.choices = choices;
    this.max = new Max(choices);
    this.expected = [];
    this.openSet();
  }

  /** A new Set: the devices of the one before are freed, Max goes on. */
  openSet(choices = {}) {
    this.closeSet();
    this.live = new Live(this.max, { ...this.choices, ...choices });
    return this.live;
  }

  closeSet() {
    for (const device of [...this.max.devices]) {
      device.free();
    }
  }

  /** Drags a device onto a track, or into a chain. built: a path or what readDevice gave. */
  drop(built, track, stored) {
    const read = typeof built === "string" ? readDevice(fs.readFileSync(built)) : built;
    return new Device(this.max, this.live, read, track, stored);
  }

  /** Opens a MIDI Tool on a clip. */
  openTool(path, clip, stored) {
    return new MidiTool(this.max, this.live, readDevice(fs.readFileSync(path)), clip, stored);
  }

  remove(device) {
    this.live.acts("delete device", () => {
      const parent = this.live.node(device.node.parent);
      parent.devices = parent.devices.filter((id) => id !== device.node.id);
      this.live.drop(device.node.id);
    });
    device.free();
  }

  /** Red lines that this test wants to see. */
  expectError(pattern) {
    this.expected.push(pattern);
  }

  redLines() {
    return this.max.errors.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }

  /** Throws if the model was asked for what it has not, or Max's console has red lines. */
  check() {
    this.max.check();
    const red = this.redLines();
    if (red.length > 0) {
      throw new Error(`Max's console says in red:\n  ${red.slice(0, 5).join("\n  ")}\n${this.describe()}`);
    }
  }

  describe() {
    const devices = this.max.devices.map((device) => `  ${device.describe()}`).join("\n");
    const posted = this.max.posts.slice(-5).map((text) => `  ${text}`).join("\n");
    return `Live would have shown:\n${this.live.describe()}\n${devices}\nMax's console: ${posted || "empty"}`;
  }

  /** Waits for a truth in real time. what: the end of "It never came true that …". */
  async until(truth, what, limitMs = LIMIT_MS) {
    const end = Date.now() + limitMs;
    for (;;) {
      this.check();
      const value = truth();
      if (value) {
        return value;
      }
      if (Date.now() > end) {
        throw new Error(`After ${limitMs / 1000} s it was not true that ${what}.\n${this.describe()}`);
      }
      await pause(LOOK_MS);
    }
  }

  /** Lets time pass: real time with a real clock, drawn time at once. */
  async pass(ms) {
    if (this.max.thread.drawn) {
      this.max.thread.advance(ms);
    } else {
      await pause(ms);
    }
    this.check();
  }

  close() {
    this.closeSet();
    this.max.close();
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

module.exports = { Studio, pause };
