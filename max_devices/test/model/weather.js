/*
 * Bad weather on the way between devices and bridge: datagrams get lost, come twice, overtake each
 * other, or are held back until the test lets them go. Both ways.
 */
"use strict";

const HELD_MS = 20; // one that is to be overtaken waits so long where none follows

class Weather {
  constructor({ seed = 1, loses = 0, doubles = 0, overtakes = 0 } = {}) {
    Object.assign(this, { loses, doubles, overtakes });
    this.chance = chanceFrom(seed);
    this.happened = { lost: 0, doubled: 0, overtaken: 0, held: 0 };
    this.behind = { out: null, in: null };
    this.holding = null;
    this.kept = [];
  }

  /** Holds back what fits: isHeld(direction, address). */
  hold(isHeld) {
    this.holding = isHeld;
  }

  /** Lets go what was held, in its order. */
  release() {
    this.holding = null;
    const kept = this.kept;
    this.kept = [];
    kept.forEach((deliver) => deliver());
  }

  /** direction: "out" to the bridge, "in" to a device. */
  pass(direction, packet, deliver) {
    const address = packet.subarray(0, Math.max(0, packet.indexOf(0))).toString("latin1");
    if (this.holding && this.holding(direction, address)) {
      this.happened.held += 1;
      this.kept.push(deliver);
      return;
    }
    const fate = this.chance();
    if (fate < this.loses) {
      this.happened.lost += 1;
      return;
    }
    if (fate < this.loses + this.doubles) {
      this.happened.doubled += 1;
      deliver();
      deliver();
    } else if (fate < this.loses + this.doubles + this.overtakes && !this.behind[direction]) {
      this.happened.overtaken += 1;
      const late = () => {
        clearTimeout(timer);
        if (this.behind[direction] === late) {
          this.behind[direction] = null;
          deliver();
        }
      };
      const timer = setTimeout(late, HELD_MS);
      this.behind[direction] = late;
      return;
    } else {
      deliver();
    }
    if (this.behind[direction]) {
      this.behind[direction]();
    }
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function chanceFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

module.exports = { Weather, chanceFrom };
