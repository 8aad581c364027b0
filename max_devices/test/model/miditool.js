/*
 * The MIDI Tools of Live 12: live.miditool.in and live.miditool.out, and the clip that a tool works on
 * (their reference pages; field.md, §1.19).
 *
 * A bang begins or continues an apply cycle. Continuing sends the first notes of the cycle again; the
 * answer must come within the same event. Selecting another clip ends the cycle.
 */
"use strict";

const { MaxObject } = require("./patcher");

// Live's own words (field.md, the first finding).
const LATE = "Received a Note dictionary asynchronously.";
const MISSING = "Did not receive a Note dictionary in time. Make sure that the dictionary is synchronous.";
const NEEDED = ["pitch", "start_time", "duration"];

/** What a tool is opened on: a clip, its apply cycle, and who asks. */
class ToolDesk {
  constructor(max, live, isGenerator) {
    Object.assign(this, { max, live, isGenerator });
    this.clip = 0;
    this.cycle = null;
    this.asking = null;
    this.applied = 0;
    this.number = 0;
  }

  /** The musician opens another clip: the cycle ends. */
  open(clip) {
    this.clip = clip.id;
    this.cycle = null;
  }

  ask(box) {
    const clip = this.live.node(this.clip);
    if (!clip) {
      return;
    }
    if (this.asking) {
      this.max.error("live.miditool.in: a bang while a bang is answered");
      return;
    }
    const notes = this.isGenerator ? [] : clip.notes;
    this.cycle = this.cycle || structuredClone(notes);
    this.asking = { answered: false };
    const names = [this.dictionary(this.context(clip)), this.dictionary({ notes: this.cycle })];
    box.out(1, ["dictionary", names[0]]);
    box.out(0, ["dictionary", names[1]]);
    if (!this.asking.answered) {
      this.max.error(`live.miditool.out: ${MISSING}`);
    }
    this.asking = null;
  }

  dictionary(content) {
    this.number += 1;
    const name = `u${900000000 + this.number}`;
    this.max.dictionaries.set(name, structuredClone(content));
    return name;
  }

  context(clip) {
    const pitches = clip.notes.map((note) => note.pitch);
    const [start, end] = clip.loop_on;
    return {
      clip: {
        time_selection_start: start, time_selection_end: end,
        first_note_start: clip.notes.length ? clip.notes[0].start_time : start,
        last_note_end: Math.max(start, ...clip.notes.map((note) => note.start_time + note.duration)),
        lowest_pitch: pitches.length ? Math.min(...pitches) : 60, highest_pitch: pitches.length ? Math.max(...pitches) : 60
      },
      scale: { scale_mode: 0, root_note: 0, scale_intervals: [0, 2, 4, 5, 7, 9, 11], scale_name: "Major" },
      grid: { interval: 0.25, enabled: 1 }
    };
  }

  answer(name) {
    if (!this.asking) {
      this.max.error(`live.miditool.out: ${LATE}`);
      return;
    }
    const given = this.max.dictionaries.get(name);
    const notes = given && given.notes;
    if (!Array.isArray(notes) || !notes.every((note) => NEEDED.every((field) => typeof note[field] === "number"))) {
      this.max.error("live.miditool.out: a note lacks pitch, start_time or duration");
      return;
    }
    this.asking.answered = true;
    this.applied += 1;
    const clip = this.live.node(this.clip);
    clip.notes = [];
    this.live.putNotes(clip, structuredClone(notes).map(({ note_id, ...rest }) => rest));
  }
}

const MIDI_TOOLS = {};

MIDI_TOOLS["live.miditool.in"] = class extends MaxObject {
  constructor(patcher, box) {
    // Two outlets as most devices were saved; three since Max 8.6.3.
    super(patcher, box, 1, box.numoutlets === 3 ? 3 : 2);
  }

  receive(inlet, message) {
    if (message.selector === "bang") {
      this.device.desk.ask(this);
    } else {
      this.refuse(message);
    }
  }
};

MIDI_TOOLS["live.miditool.out"] = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 0);
  }

  receive(inlet, message) {
    if (message.selector === "dictionary") {
      this.device.desk.answer(message.atoms[0]);
    } else {
      this.refuse(message);
    }
  }
};

module.exports = { ToolDesk, MIDI_TOOLS };
