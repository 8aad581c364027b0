/*
 * A Set: its tracks, slots, scenes, clips, notes and Drum Racks, and how one is put together.
 *
 * Things are plain nodes with an id, so that undo can put a whole Set back. What a device may see of
 * them, set and call stands in `lom.js`; `liveapi.js` is the way from a script.
 *
 * Measured behaviours that differ from one Live to the next are choices:
 *   version        "11.3" … "12.4": which calls exist (§4)
 *   dictionaries   "string", "array" or "object": how a dictionary comes back (§4.1, trap 4)
 *   detailClip     "shown" or "hidden": whether detail_clip stays while the Device View is up (trap 1)
 *   notifies       "later" or "at-once": when an observer is called (trap 2)
 *   noteOrder      "time" or "pitch": in which order notes come; no page says
 *   numberNames    whether a name such as "12" comes as a number; no page says
 *   overlaps       "cut" or "kept": what becomes of two notes of one pitch at one time. That Live
 *                  shortens the earlier one without a word, and deletes what is covered, is not in the
 *                  reference: nozomi-koborinai/ableton-osc-mcp#51 measured it (six of twenty-one
 *                  hi-hats), adamjmurray/ableton-midi-sculptor#6 says it of moved notes
 */
"use strict";

const DEFAULT_NOTE = {
  velocity: 100, mute: 0, probability: 1, velocity_deviation: 0, release_velocity: 64
};
const NOTE_NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const BAR = 4;
const SAME = 1e-6; // beats

class OpenSet {
  constructor(max, choices = {}) {
    this.max = max;
    this.version = choices.version || max.liveVersion;
    this.dictionaries = choices.dictionaries || "string";
    this.detailClip = choices.detailClip || "shown";
    this.notifies = choices.notifies || "later";
    this.overlaps = choices.overlaps || "cut";
    this.noteOrder = choices.noteOrder || "time";
    this.numberNames = Boolean(choices.numberNames);
    this.nodes = new Map();
    this.nextId = choices.firstId || 1;
    this.observers = new Set();
    this.notifying = 0;
    this.undoing = false;
    this.history = [];
    this.openStep = null; // the undo step that the API adds to, until the musician does something
    this.writes = 0;
    this.reads = 0; // every look of a script costs Live time
    this.song = this.add("Song", null, {
      tempo: 120, signature_numerator: 4, signature_denominator: 4, is_playing: 0,
      current_song_time: 0, scale_mode: 0, scale_name: "Major", root_note: 0,
      scale_intervals: [0, 2, 4, 5, 7, 9, 11], clip_trigger_quantization: 4, file_path: "",
      tracks: [], return_tracks: [], scenes: [], ...choices.song
    });
    this.songView = this.add("Song.View", this.song.id, {
      selected_track: 0, selected_scene: 0, detail_clip: 0, highlighted_clip_slot: 0
    });
    this.app = this.add("Application", null, {});
    this.appView = this.add("Application.View", this.app.id, { focused_document_view: "Session" });
    this.song.master_track = this.makeTrack("Main", { isMidi: false, listed: false }).id;
    for (let count = 0; count < (choices.scenes || 8); count += 1) {
      this.addScene();
    }
    this.songView.selected_scene = this.song.scenes[0];
  }

  // --- nodes ---

  add(kind, parent, fields) {
    const node = { id: this.nextId, kind, parent, ...fields };
    this.nextId += 1;
    this.nodes.set(node.id, node);
    return node;
  }

  node(id) {
    return this.nodes.get(Number(id)) || null;
  }

  drop(id) {
    const node = this.node(id);
    if (!node) {
      return;
    }
    for (const other of [...this.nodes.values()]) {
      if (other.parent === id) {
        this.drop(other.id);
      }
    }
    this.nodes.delete(id);
    for (const field of ["detail_clip", "highlighted_clip_slot", "selected_track", "selected_scene"]) {
      if (this.songView[field] === id) {
        this.songView[field] = 0;
        this.notify(this.songView, field);
      }
    }
  }

  list(ids) {
    return ids.map((id) => this.node(id));
  }

  get tracks() {
    return this.list(this.song.tracks);
  }

  slotsOf(track) {
    return this.list(track.clip_slots);
  }

  clipIn(track, slot) {
    return this.node(this.slotsOf(track)[slot].clip);
  }

  clipsOf(track) {
    return this.slotsOf(track).map((slot) => (slot.clip ? this.node(slot.clip) : null));
  }

  trackOf(node) {
    let at = node;
    while (at && at.kind !== "Track") {
      at = this.node(at.parent);
    }
    return at;
  }

  isAtLeast(version) {
    const parts = (text) => text.split(".").map(Number);
    const [a, b] = parts(this.version);
    const [c, d] = parts(version);
    return a > c || (a === c && (b || 0) >= (d || 0));
  }

  /** The canonical path, as the LOM pages write it. */
  pathOf(node) {
    const place = (list, id) => list.indexOf(id);
    if (!node) {
      return "";
    }
    const parent = this.node(node.parent);
    switch (node.kind) {
      case "Song":
        return "live_set";
      case "Song.View":
        return "live_set view";
      case "Application":
        return "live_app";
      case "Application.View":
        return "live_app view";
      case "Track":
        return node.id === this.song.master_track
          ? "live_set master_track"
          : `live_set tracks ${place(this.song.tracks, node.id)}`;
      case "Scene":
        return `live_set scenes ${place(this.song.scenes, node.id)}`;
      case "ClipSlot":
        return `${this.pathOf(parent)} clip_slots ${place(parent.clip_slots, node.id)}`;
      case "Clip":
        return parent.kind === "ClipSlot"
          ? `${this.pathOf(parent)} clip`
          : `${this.pathOf(parent)} arrangement_clips ${place(parent.arrangement_clips, node.id)}`;
      case "DrumPad":
        return `${this.pathOf(parent)} drum_pads ${place(parent.drum_pads, node.id)}`;
      case "Chain":
      case "DrumChain":
        return `${this.pathOf(parent)} chains ${place(parent.chains, node.id)}`;
      case "DeviceParameter":
        return `${this.pathOf(parent)} parameters ${place(parent.parameters, node.id)}`;
      default:
        return `${this.pathOf(parent)} devices ${place(parent.devices, node.id)}`;
    }
  }

  // --- building a Set ---

  makeTrack(name, { isMidi = true, color = 0xff9500, listed = true, isGroup = false } = {}) {
    const track = this.add("Track", this.song.id, {
      name, color, color_index: 3, has_midi_input: isMidi ? 1 : 0, has_audio_input: isMidi ? 0 : 1,
      is_foldable: isGroup ? 1 : 0, is_frozen: 0, is_grouped: 0, mute: 0, solo: 0, arm: 0,
      playing_slot_index: -1, fired_slot_index: -1, clip_slots: [], arrangement_clips: [], devices: []
    });
    if (listed) {
      this.song.tracks.push(track.id);
      for (let count = 0; count < this.song.scenes.length; count += 1) {
        track.clip_slots.push(this.makeSlot(track).id);
      }
      if (!this.songView.selected_track) {
        // Something is always selected in Live.
        this.select({ selected_track: track.id, highlighted_clip_slot: track.clip_slots[0] });
      }
    }
    return track;
  }

  makeSlot(track) {
    return this.add("ClipSlot", track.id, {
      clip: 0, has_stop_button: 1, is_group_slot: track.is_foldable, color: 0, is_triggered: 0,
      is_playing: 0, is_recording: 0, playing_status: 0
    });
  }

  addScene(at = -1) {
    const scene = this.add("Scene", this.song.id, { name: "", color: 0, is_triggered: 0, tempo: -1 });
    const index = at < 0 ? this.song.scenes.length : at;
    this.song.scenes.splice(index, 0, scene.id);
    for (const track of this.tracks) {
      track.clip_slots.splice(index, 0, this.makeSlot(track).id);
      this.notify(track, "clip_slots");
    }
    this.notify(this.song, "scenes");
    return scene;
  }

  removeScene(index) {
    const [scene] = this.song.scenes.splice(index, 1);
    this.drop(scene);
    for (const track of this.tracks) {
      const [slot] = track.clip_slots.splice(index, 1);
      this.drop(slot);
      this.notify(track, "clip_slots");
    }
    this.notify(this.song, "scenes");
  }

  makeClip(parent, fields) {
    const length = fields.length || BAR;
    const clip = this.add("Clip", parent.id, {
      name: "", color: 0, color_index: 3, start_marker: 0, end_marker: length, loop_on: [0, length],
      looping: 1, signature_numerator: this.song.signature_numerator,
      signature_denominator: this.song.signature_denominator, launch_mode: 0, launch_quantization: 0,
      legato: 0, velocity_amount: 0, muted: 0, is_midi_clip: 1, is_arrangement_clip: 0, start_time: 0,
      arrangement_end: 0, is_playing: 0, is_recording: 0, is_triggered: 0, is_overdubbing: 0,
      has_envelopes: 0, playing_position: 0, notes: [], nextNote: 1, selected: [], ...fields
    });
    delete clip.length;
    return clip;
  }

  /** A MIDI clip in a slot, with notes as plain objects. */
  putClip(track, slot, notes, fields = {}) {
    const place = this.slotsOf(track)[slot];
    const clip = this.makeClip(place, { color: track.color, ...fields });
    place.clip = clip.id;
    this.putNotes(clip, notes);
    this.notify(place, "has_clip");
    return clip;
  }

  putArrangementClip(track, start, length, notes, fields = {}) {
    const clip = this.makeClip(track, {
      color: track.color, length, is_arrangement_clip: 1, start_time: start,
      arrangement_end: start + length, looping: 0, ...fields
    });
    track.arrangement_clips.push(clip.id);
    track.arrangement_clips.sort((a, b) => this.node(a).start_time - this.node(b).start_time);
    this.putNotes(clip, notes);
    this.notify(track, "arrangement_clips");
    return clip;
  }

  putNotes(clip, notes) {
    for (const note of notes) {
      clip.notes.push({ note_id: clip.nextNote, ...DEFAULT_NOTE, ...note });
      clip.nextNote += 1;
    }
    this.sortNotes(clip);
  }

  /** After notes came or moved: of two that overlap at one pitch, the earlier ends where the later begins. */
  settle(clip, arrived) {
    this.sortNotes(clip);
    if (this.overlaps === "kept") {
      return;
    }
    const last = new Map();
    const gone = new Set();
    for (const note of clip.notes) {
      const before = last.get(note.pitch);
      if (before && before.start_time + before.duration > note.start_time + SAME) {
        if (note.start_time - before.start_time < SAME) {
          // One covers the other whole: what was there goes, what arrives stays.
          gone.add(arrived.has(note.note_id) ? before.note_id : note.note_id);
        } else {
          before.duration = note.start_time - before.start_time;
        }
      }
      if (!gone.has(note.note_id)) {
        last.set(note.pitch, note);
      }
    }
    clip.notes = clip.notes.filter((note) => !gone.has(note.note_id));
  }

  sortNotes(clip) {
    clip.notes.sort((a, b) => a.start_time - b.start_time || a.pitch - b.pitch);
  }

  /** A Drum Rack with these pads, { 36: "Kick", … }; within: a rack whose chain it is in. */
  addDrumRack(track, pads, { nested = false } = {}) {
    let parent = track;
    if (nested) {
      const rack = this.addDevice(track, "InstrumentGroupDevice", "Instrument Rack");
      rack.can_have_chains = 1;
      parent = this.add("Chain", rack.id, { name: "Kit", devices: [], mute: 0 });
      rack.chains = [parent.id];
    }
    const rack = this.addDevice(parent, "DrumGroupDevice", "Drum Rack");
    Object.assign(rack, { can_have_chains: 1, can_have_drum_pads: 1, type: 1, chains: [] });
    rack.drum_pads = [];
    for (let note = 0; note < 128; note += 1) {
      const name = pads[note];
      const octave = Math.floor(note / 12) - 2;
      const pad = this.add("DrumPad", rack.id, {
        note, name: name || `${NOTE_NAMES[note % 12]}${octave}`, chains: [], mute: 0, solo: 0
      });
      rack.drum_pads.push(pad.id);
      if (name) {
        const chain = this.add("DrumChain", rack.id, {
          name, devices: [], mute: 0, in_note: note, out_note: 60, choke_group: 0
        });
        rack.chains.push(chain.id);
        pad.chains.push(chain.id);
      }
    }
    return rack;
  }

  addDevice(parent, className, name) {
    const device = this.add("Device", parent.id, {
      name, class_name: className, class_display_name: name, type: 4, is_active: 1,
      can_have_chains: 0, can_have_drum_pads: 0, chains: [], drum_pads: [], parameters: []
    });
    const on = this.add("DeviceParameter", device.id, {
      name: "Device On", original_name: "Device On", value: 1, min: 0, max: 1, is_quantized: 1, is_enabled: 1
    });
    device.parameters.push(on.id);
    parent.devices.push(device.id);
    this.notify(parent, "devices");
    return device;
  }
}

module.exports = { DEFAULT_NOTE, OpenSet };
