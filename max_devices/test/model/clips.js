/*
 * What Live does to clips and notes when a script asks: edges, copies, cuts, dictionaries, and what it
 * refuses (shared/reference/max-for-live.md, §4; the LOM pages of Clip, ClipSlot and Track).
 */
"use strict";

const { DEFAULT_NOTE } = require("./openset");

const NEAR = 1e-9;
const NOTE_FIELDS = ["note_id", "pitch", "start_time", "duration", ...Object.keys(DEFAULT_NOTE)];

/** Live refuses: the text goes to the console, nothing is changed. */
class Refused extends Error {}

function refuse(text) {
  throw new Refused(text);
}

/** "For looped clips: loop start. For unlooped clips: clip start"; the same for the end. */
function loopOf(clip) {
  return clip.looping ? clip.loop_on : [clip.start_marker, clip.end_marker];
}

function lengthOf(live, clip) {
  return loopOf(clip)[1] - loopOf(clip)[0];
}

/** "End cannot be set before start, start not behind end" (§4): the far edge goes first. */
function setEdge(name) {
  return (live, clip, value) => {
    const isLoop = name.startsWith("loop") && clip.looping;
    const edges = isLoop ? [...clip.loop_on] : [clip.start_marker, clip.end_marker];
    const isStart = name.endsWith("start") || name === "start_marker";
    edges[isStart ? 0 : 1] = value;
    if (edges[0] >= edges[1] - NEAR) {
      refuse(
        isStart
          ? `Cannot set ${isLoop ? "LoopStart behind LoopEnd" : "StartMarker behind EndMarker"}.`
          : `Cannot set ${isLoop ? "LoopEnd before LoopStart" : "EndMarker before StartMarker"}.`
      );
    }
    if (isLoop) {
      clip.loop_on = edges;
    } else {
      [clip.start_marker, clip.end_marker] = edges;
    }
  };
}

function needMidi(live, track) {
  if (!track.has_midi_input || track.is_foldable) {
    refuse("MIDI clips can only be created on MIDI tracks");
  }
  if (track.is_frozen) {
    refuse("Cannot create clips on frozen tracks");
  }
}

function needMidiClip(clip) {
  if (!clip.is_midi_clip) {
    refuse("Can only be called on MIDI clips");
  }
}

function idOf(given) {
  return typeof given === "string" ? Number(given.replace(/^id\s+/, "")) : Number(given);
}

function needClip(live, given) {
  const clip = live.node(idOf(given));
  if (!clip || clip.kind !== "Clip") {
    refuse(`There is no clip ${given}.`);
  }
  return clip;
}

function removeClip(live, clip) {
  const parent = live.node(clip.parent);
  if (parent.kind === "ClipSlot") {
    parent.clip = 0;
    live.drop(clip.id);
    live.notify(parent, "has_clip");
  } else {
    parent.arrangement_clips = parent.arrangement_clips.filter((id) => id !== clip.id);
    live.drop(clip.id);
    live.notify(parent, "arrangement_clips");
  }
}

function copyOf(clip) {
  const copy = structuredClone(clip);
  delete copy.id;
  delete copy.parent;
  delete copy.kind;
  return copy;
}

function copyInto(live, clip, slot) {
  const made = live.makeClip(slot, copyOf(clip));
  slot.clip = made.id;
  live.notify(slot, "has_clip");
}

/** "Making one over another clip cuts it" (§4). */
function cut(live, track, start, end) {
  for (const clip of live.list([...track.arrangement_clips])) {
    if (clip.start_time >= end - NEAR || clip.arrangement_end <= start + NEAR) {
      continue;
    }
    if (clip.start_time >= start && clip.arrangement_end <= end) {
      removeClip(live, clip);
    } else if (clip.start_time < start) {
      clip.arrangement_end = start;
    } else {
      clip.start_marker += end - clip.start_time;
      clip.start_time = end;
    }
  }
}

function isEmpty(live, scene) {
  const index = live.song.scenes.indexOf(scene.id);
  return live.tracks.every((track) => !live.slotsOf(track)[index].clip);
}

// --- notes ---

function inside(clip, pitch, span, time, long) {
  return clip.notes.filter(
    (note) =>
      note.pitch >= pitch && note.pitch < pitch + span &&
      note.start_time >= time && note.start_time < time + long
  );
}

function asDictionary(live, notes, options) {
  const wanted = options && options.return;
  if (wanted && !wanted.every((name) => NOTE_FIELDS.includes(name))) {
    refuse(`A note has no ${wanted.find((name) => !NOTE_FIELDS.includes(name))}.`);
  }
  const names = wanted || NOTE_FIELDS;
  const ordered = [...notes];
  if (live.noteOrder === "pitch") {
    ordered.sort((a, b) => a.pitch - b.pitch || a.start_time - b.start_time);
  }
  return {
    dictionary: {
      notes: ordered.map((note) => Object.fromEntries(names.map((name) => [name, note[name]])))
    }
  };
}

function newNote(note) {
  for (const name of ["pitch", "start_time", "duration"]) {
    if (typeof note[name] !== "number") {
      refuse(`add_new_notes: a note has no ${name}`);
    }
  }
  if ("note_id" in note) {
    refuse("add_new_notes: a note carries a note_id (strip it, §4)");
  }
  const made = { ...DEFAULT_NOTE, ...note };
  for (const name of Object.keys(made)) {
    if (!NOTE_FIELDS.includes(name)) {
      refuse(`add_new_notes: a note has no ${name}`);
    }
  }
  checkNote(made);
  return made;
}

function checkNote(note) {
  const ranges = {
    pitch: [0, 127], velocity: [0, 127], probability: [0, 1], velocity_deviation: [-127, 127],
    release_velocity: [0, 127]
  };
  for (const [name, [low, high]] of Object.entries(ranges)) {
    if (!(note[name] >= low && note[name] <= high)) {
      refuse(`A note's ${name} is ${note[name]}, not from ${low} to ${high}.`);
    }
  }
  if (!Number.isInteger(note.pitch) || !(note.duration > 0)) {
    refuse(`A note has the pitch ${note.pitch} and the duration ${note.duration}.`);
  }
}

module.exports = {
  asDictionary, checkNote, copyInto, copyOf, cut, idOf, inside, isEmpty, lengthOf, loopOf, needClip, needMidi,
  needMidiClip, newNote, NOTE_FIELDS, refuse, Refused, removeClip, setEdge
};
