/*
 * The Live Object Model, as far as a device of ours may need it: Cycling '74's LOM pages
 * (docs.cycling74.com/apiref/lom) and shared/reference/max-for-live.md, §4.
 *
 * A property is [type, how to read it, how to set it or null, whether it can be observed]. A child is
 * a function that gives an id or a list of ids. A call gets its arguments as plain numbers, strings
 * and objects. What is not here does not exist: asking for it is an error in Max's console.
 */
"use strict";

const {
  asDictionary, checkNote, copyInto, copyOf, cut, idOf, inside, isEmpty, lengthOf, loopOf, needClip, needMidi,
  needMidiClip, newNote, NOTE_FIELDS, refuse, Refused, removeClip, setEdge
} = require("./clips");

const LAST_BEAT = 1576800; // Track.create_midi_clip

function field(type, name, { set = null, observe = false } = {}) {
  return [type, (live, node) => node[name], set, observe];
}

function settable(type, name, check) {
  const set = (live, node, value) => {
    if (check) {
      check(value, live, node);
    }
    node[name] = value;
  };
  return [type, (live, node) => node[name], set, true];
}

function between(low, high) {
  return (value) => {
    if (!(value >= low && value <= high)) {
      refuse(`Value ${value} is out of range ${low} to ${high}.`);
    }
  };
}

const KINDS = {};

KINDS.Application = {
  properties: {},
  children: { view: (live) => live.appView.id },
  calls: {
    get_major_version: (live) => Number(live.version.split(".")[0]),
    get_minor_version: (live) => Number(live.version.split(".")[1] || 0),
    get_bugfix_version: () => 0,
    get_version_string: (live) => `${live.version}.0`,
    get_document: (live) => ({ id: live.song.id })
  }
};

KINDS["Application.View"] = {
  properties: { focused_document_view: field("symbol", "focused_document_view", { observe: true }) },
  children: {},
  calls: {
    focus_view: () => undefined,
    show_view: () => undefined,
    is_view_visible: (live, node, [name]) => (name === node.focused_document_view ? 1 : 0)
  }
};

KINDS.Song = {
  properties: {
    tempo: settable("float", "tempo", between(20, 999)),
    signature_numerator: settable("int", "signature_numerator", between(1, 99)),
    signature_denominator: settable("int", "signature_denominator"),
    is_playing: settable("bool", "is_playing"),
    current_song_time: settable("float", "current_song_time"),
    clip_trigger_quantization: settable("int", "clip_trigger_quantization"),
    scale_name: settable("symbol", "scale_name"),
    root_note: settable("int", "root_note", between(0, 11)),
    scale_intervals: field("list", "scale_intervals", { observe: true }),
    scale_mode: settable("bool", "scale_mode"),
    file_path: field("symbol", "file_path")
  },
  since: { scale_mode: "12.0", scale_intervals: "12.0", file_path: "11.3" },
  children: {
    view: (live) => live.songView.id,
    tracks: (live, node) => node.tracks,
    visible_tracks: (live, node) => node.tracks,
    return_tracks: (live, node) => node.return_tracks,
    master_track: (live, node) => node.master_track,
    scenes: (live, node) => node.scenes
  },
  calls: {
    create_scene: (live, node, [index]) => {
      if (!Number.isInteger(index) || index < -1 || index > node.scenes.length) {
        refuse("create_scene: invalid index");
      }
      return { id: live.addScene(index).id };
    },
    delete_scene: (live, node, [index]) => {
      if (!node.scenes[index] || node.scenes.length === 1) {
        refuse("delete_scene: no such scene, or the last one");
      }
      live.removeScene(index);
    },
    create_midi_track: (live) => ({ id: live.makeTrack("MIDI").id }),
    get_beats_loop_start: () => 0,
    begin_undo_step: () => refuse("begin_undo_step is documented for no Max (§4)"),
    end_undo_step: () => refuse("end_undo_step is documented for no Max (§4)")
  }
};

KINDS["Song.View"] = {
  properties: {},
  children: {
    selected_track: (live, node) => node.selected_track,
    selected_scene: (live, node) => node.selected_scene,
    detail_clip: (live, node) => node.detail_clip,
    highlighted_clip_slot: (live, node) => node.highlighted_clip_slot
  },
  setChildren: ["selected_track", "selected_scene", "detail_clip", "highlighted_clip_slot"],
  calls: { select_device: () => undefined }
};

KINDS.Track = {
  properties: {
    name: settable("symbol", "name"),
    color: settable("int", "color"),
    color_index: field("int", "color_index", { observe: true }), // not writable (§4)
    has_midi_input: field("bool", "has_midi_input"),
    has_audio_input: field("bool", "has_audio_input"),
    is_foldable: field("bool", "is_foldable"),
    is_grouped: field("bool", "is_grouped"),
    is_frozen: field("bool", "is_frozen"),
    mute: settable("bool", "mute"),
    solo: settable("bool", "solo"),
    arm: settable("bool", "arm"),
    playing_slot_index: field("int", "playing_slot_index", { observe: true }),
    fired_slot_index: field("int", "fired_slot_index", { observe: true })
  },
  children: {
    clip_slots: (live, node) => node.clip_slots,
    arrangement_clips: (live, node) => node.arrangement_clips,
    devices: (live, node) => node.devices
  },
  calls: {
    create_midi_clip: (live, node, [start, length]) => {
      if (!live.isAtLeast("12.2")) {
        refuse("create_midi_clip: no such function"); // 12.1.10+, here counted from 12.2
      }
      needMidi(live, node);
      between(0, LAST_BEAT)(start);
      if (!(length > 0)) {
        refuse("create_midi_clip: the length must be above 0");
      }
      cut(live, node, start, start + length);
      return { id: live.putArrangementClip(node, start, length, []).id };
    },
    duplicate_clip_to_arrangement: (live, node, [given, start]) => {
      const source = needClip(live, given);
      needMidi(live, node);
      between(0, LAST_BEAT)(start);
      const length = lengthOf(live, source);
      cut(live, node, start, start + length);
      const made = live.putArrangementClip(node, start, length, [], {
        ...copyOf(source), is_arrangement_clip: 1, start_time: start, arrangement_end: start + length
      });
      return { id: made.id };
    },
    delete_clip: (live, node, [given]) => {
      const clip = needClip(live, given);
      removeClip(live, clip);
    },
    stop_all_clips: () => undefined,
    duplicate_clip_slot: (live, node, [index]) => {
      const slots = live.slotsOf(node);
      const next = slots.findIndex((slot, at) => at > index && !slot.clip);
      if (next < 0 || !slots[index] || !slots[index].clip) {
        refuse("duplicate_clip_slot: no clip, or no room");
      }
      copyInto(live, live.node(slots[index].clip), slots[next]);
      return next;
    }
  }
};

KINDS.ClipSlot = {
  properties: {
    has_clip: ["bool", (live, node) => (node.clip ? 1 : 0), null, true],
    has_stop_button: settable("bool", "has_stop_button"),
    is_group_slot: field("bool", "is_group_slot"),
    is_playing: field("bool", "is_playing"),
    is_recording: field("bool", "is_recording"),
    is_triggered: field("bool", "is_triggered", { observe: true }),
    playing_status: field("int", "playing_status", { observe: true }),
    color: field("int", "color", { observe: true })
  },
  children: { clip: (live, node) => node.clip },
  calls: {
    create_clip: (live, node, [length]) => {
      const track = live.node(node.parent);
      needMidi(live, track);
      if (node.clip) {
        refuse("create_clip: the clip slot already has a clip");
      }
      if (!(length > 0)) {
        refuse("create_clip: the length must be above 0");
      }
      live.putClip(track, track.clip_slots.indexOf(node.id), [], { length });
    },
    delete_clip: (live, node) => {
      if (!node.clip) {
        refuse("delete_clip: the clip slot is empty");
      }
      removeClip(live, live.node(node.clip));
    },
    duplicate_clip_to: (live, node, [given]) => {
      const target = live.node(idOf(given));
      if (!node.clip || !target || target.kind !== "ClipSlot") {
        refuse("duplicate_clip_to: no clip, or no clip slot to go to");
      }
      if (target.clip) {
        removeClip(live, live.node(target.clip));
      }
      copyInto(live, live.node(node.clip), target);
    },
    fire: (live, node) => {
      const track = live.node(node.parent);
      track.playing_slot_index = track.clip_slots.indexOf(node.id);
      live.song.is_playing = 1;
    },
    stop: () => undefined,
    set_fire_button_state: () => undefined
  }
};

KINDS.Clip = {
  properties: {
    name: settable("symbol", "name"),
    color: settable("int", "color", between(0, 0xffffff)),
    color_index: settable("int", "color_index"),
    looping: settable("bool", "looping"),
    loop_start: ["float", (live, clip) => loopOf(clip)[0], setEdge("loop_start"), true],
    loop_end: ["float", (live, clip) => loopOf(clip)[1], setEdge("loop_end"), true],
    start_marker: ["float", (live, clip) => clip.start_marker, setEdge("start_marker"), true],
    end_marker: ["float", (live, clip) => clip.end_marker, setEdge("end_marker"), true],
    length: ["float", (live, clip) => loopOf(clip)[1] - loopOf(clip)[0], null, false],
    position: ["float", (live, clip) => loopOf(clip)[0], null, true],
    start_time: ["float", (live, clip) => clip.start_time, null, true],
    end_time: [
      "float",
      (live, clip) => (clip.is_arrangement_clip ? clip.arrangement_end : loopOf(clip)[1]),
      null,
      true
    ],
    signature_numerator: settable("int", "signature_numerator", between(1, 99)),
    signature_denominator: settable("int", "signature_denominator"),
    launch_mode: settable("int", "launch_mode", between(0, 3)),
    launch_quantization: settable("int", "launch_quantization", between(0, 14)),
    legato: settable("bool", "legato"),
    velocity_amount: settable("float", "velocity_amount", between(0, 1)),
    muted: settable("bool", "muted"),
    is_midi_clip: field("bool", "is_midi_clip"),
    is_audio_clip: ["bool", (live, clip) => 1 - clip.is_midi_clip, null, false],
    is_arrangement_clip: field("bool", "is_arrangement_clip"),
    is_session_clip: ["bool", (live, clip) => 1 - clip.is_arrangement_clip, null, false],
    is_playing: settable("bool", "is_playing"),
    is_triggered: field("bool", "is_triggered"),
    is_recording: field("bool", "is_recording", { observe: true }),
    is_overdubbing: field("bool", "is_overdubbing", { observe: true }),
    has_envelopes: field("bool", "has_envelopes", { observe: true }),
    playing_position: field("float", "playing_position", { observe: true }),
    notes: ["bang", () => undefined, null, true]
  },
  since: { is_session_clip: "12.2" },
  children: {},
  calls: {
    get_notes_extended: (live, clip, given) => {
      const named = given.length === 1 && typeof given[0] === "object" ? given[0] : null;
      const [pitch, span, time, long] = named
        ? [named.from_pitch, named.pitch_span, named.from_time, named.time_span]
        : given;
      if (![pitch, span, time, long].every((one) => typeof one === "number")) {
        refuse("get_notes_extended: needs from_pitch, pitch_span, from_time, time_span");
      }
      needMidiClip(clip);
      return asDictionary(live, inside(clip, pitch, span, time, long), named);
    },
    get_all_notes_extended: (live, clip, given) => {
      needMidiClip(clip);
      return asDictionary(live, clip.notes, given[0]);
    },
    get_selected_notes_extended: (live, clip, given) => {
      needMidiClip(clip);
      return asDictionary(live, clip.notes.filter((note) => clip.selected.includes(note.note_id)), given[0]);
    },
    get_notes_by_id: (live, clip, given) => {
      const named = typeof given[0] === "object" && !Array.isArray(given[0]) ? given[0] : null;
      const ids = named ? named.note_ids : given.flat();
      return asDictionary(live, clip.notes.filter((note) => ids.includes(note.note_id)), named);
    },
    add_new_notes: (live, clip, [given]) => {
      needMidiClip(clip);
      if (!given || !Array.isArray(given.notes)) {
        refuse("add_new_notes: needs a dictionary with a list of notes");
      }
      const made = given.notes.map((note) => newNote(note));
      const first = clip.nextNote;
      live.putNotes(clip, made);
      const ids = made.map((_, index) => first + index);
      live.settle(clip, new Set(ids));
      live.notify(clip, "notes");
      return ids;
    },
    apply_note_modifications: (live, clip, [given]) => {
      needMidiClip(clip);
      if (!given || !Array.isArray(given.notes)) {
        refuse("apply_note_modifications: needs a dictionary with a list of notes");
      }
      const known = new Map(clip.notes.map((note) => [note.note_id, note]));
      for (const note of given.notes) {
        if (!known.has(note.note_id)) {
          refuse(`apply_note_modifications: there is no note ${note.note_id}`);
        }
        if (!NOTE_FIELDS.every((name) => name in note)) {
          refuse("apply_note_modifications: needs complete note dictionaries");
        }
        checkNote(note);
      }
      for (const note of given.notes) {
        for (const name of NOTE_FIELDS) {
          known.get(note.note_id)[name] = note[name];
        }
      }
      live.settle(clip, new Set(given.notes.map((note) => note.note_id)));
      live.notify(clip, "notes");
    },
    remove_notes_extended: (live, clip, [pitch, span, time, long]) => {
      needMidiClip(clip);
      const gone = new Set(inside(clip, pitch, span, time, long));
      clip.notes = clip.notes.filter((note) => !gone.has(note));
      live.notify(clip, "notes");
    },
    remove_notes_by_id: (live, clip, given) => {
      const ids = given.flat();
      clip.notes = clip.notes.filter((note) => !ids.includes(note.note_id));
      live.notify(clip, "notes");
    },
    select_notes_by_id: (live, clip, given) => {
      clip.selected = given.flat();
    },
    select_all_notes: (live, clip) => {
      clip.selected = clip.notes.map((note) => note.note_id);
    },
    deselect_all_notes: (live, clip) => {
      clip.selected = [];
    },
    fire: (live, clip) => {
      clip.is_playing = 1;
      live.song.is_playing = 1;
      live.notify(clip, "playing_status");
    },
    stop: (live, clip) => {
      clip.is_playing = 0;
    },
    crop: () => undefined,
    clear_all_envelopes: () => undefined,
    get_notes: () => refuse("get_notes is deprecated since Live 11: use get_notes_extended"),
    set_notes: () => refuse("set_notes is deprecated since Live 11: use add_new_notes"),
    replace_selected_notes: () => refuse("replace_selected_notes is deprecated since Live 11")
  }
};

KINDS.Scene = {
  properties: {
    name: settable("symbol", "name"),
    color: settable("int", "color"),
    tempo: settable("float", "tempo"),
    is_triggered: field("bool", "is_triggered", { observe: true }),
    is_empty: ["bool", (live, scene) => (isEmpty(live, scene) ? 1 : 0), null, false]
  },
  children: {
    clip_slots: (live, node) => {
      const index = live.song.scenes.indexOf(node.id);
      return live.tracks.map((track) => track.clip_slots[index]);
    }
  },
  calls: { fire: () => undefined }
};

KINDS.Device = {
  properties: {
    name: settable("symbol", "name"),
    class_name: field("symbol", "class_name"),
    class_display_name: field("symbol", "class_display_name"),
    type: field("int", "type"),
    is_active: field("bool", "is_active", { observe: true }),
    can_have_chains: field("bool", "can_have_chains"),
    can_have_drum_pads: field("bool", "can_have_drum_pads"),
    has_drum_pads: ["bool", (live, node) => (node.drum_pads.length > 0 ? 1 : 0), null, true]
  },
  children: {
    parameters: (live, node) => node.parameters,
    chains: (live, node) => node.chains,
    drum_pads: (live, node) => node.drum_pads,
    visible_drum_pads: (live, node) => node.drum_pads.slice(36, 52)
  },
  calls: { store_chosen_bank: () => undefined }
};

KINDS.DeviceParameter = {
  properties: {
    name: field("symbol", "name"),
    original_name: field("symbol", "original_name"),
    value: settable("float", "value"),
    min: field("float", "min"),
    max: field("float", "max"),
    is_quantized: field("bool", "is_quantized"),
    is_enabled: field("bool", "is_enabled")
  },
  children: {},
  calls: {}
};

KINDS.DrumPad = {
  properties: {
    name: field("symbol", "name", { observe: true }),
    note: field("int", "note"),
    mute: settable("bool", "mute"),
    solo: settable("bool", "solo")
  },
  children: { chains: (live, node) => node.chains },
  calls: { delete_all_chains: () => undefined }
};

KINDS.Chain = {
  properties: {
    name: settable("symbol", "name"),
    mute: settable("bool", "mute")
  },
  children: { devices: (live, node) => node.devices },
  calls: {}
};

KINDS.DrumChain = {
  properties: {
    ...KINDS.Chain.properties,
    out_note: settable("int", "out_note"),
    in_note: settable("int", "in_note"),
    choke_group: settable("int", "choke_group")
  },
  since: { in_note: "12.3" },
  children: KINDS.Chain.children,
  calls: {}
};

module.exports = { KINDS, Refused };
