/*
 * A model of Live with one Set open: who hears of changes, what one Ctrl-Z takes back, and the
 * musician's hand. The Set itself, and the choices in which Lives differ, stand in `openset.js`.
 */
"use strict";

const { OpenSet } = require("./openset");

class Live extends OpenSet {
  // --- what changes, and who hears of it ---

  notify(node, property) {
    for (const observer of [...this.observers]) {
      if (observer.node === node.id && observer.property === property) {
        this.call(observer.callback);
      }
    }
  }

  /** Calls an observer: nothing may be written meanwhile. */
  call(callback) {
    const run = () => {
      this.notifying += 1;
      try {
        callback();
      } finally {
        this.notifying -= 1;
      }
    };
    if (this.notifies === "at-once") {
      run();
    } else {
      this.max.thread.post(run);
    }
  }

  /** Why a script may not write now; empty where it may. */
  whyNoWrite() {
    if (this.notifying > 0) {
      return "Changes cannot be triggered by notifications. You will need to defer your response.";
    }
    return this.undoing ? "Changes cannot be triggered during undo or redo." : "";
  }

  /** Before a write of a script: all of them until the musician acts are one step (trap 8). */
  noteWrite(what) {
    this.writes += 1;
    if (!this.openStep) {
      this.openStep = this.step("API", what);
    }
  }

  step(by, what) {
    const step = { by, what, before: structuredClone(this.nodes) };
    this.history.push(step);
    return step;
  }

  /** What the musician does ends the step of the API, and is one of its own where it edits. */
  acts(what, edit) {
    this.openStep = null;
    if (edit) {
      this.step("musician", what);
      edit();
    }
  }

  /** Ctrl-Z. */
  undo() {
    const step = this.history.pop();
    this.openStep = null;
    if (!step) {
      return null;
    }
    const now = this.nodes;
    this.nodes = step.before;
    for (const name of ["song", "songView", "app", "appView"]) {
      this[name] = this.nodes.get(this[name].id);
    }
    this.undoing = true;
    try {
      for (const observer of [...this.observers]) {
        const node = this.nodes.get(observer.node);
        if (JSON.stringify(node) !== JSON.stringify(now.get(observer.node))) {
          this.call(observer.callback);
        }
      }
    } finally {
      this.undoing = false;
    }
    return step;
  }

  undoSteps(by) {
    return this.history.filter((step) => step.by === by).length;
  }

  // --- the musician's hand ---

  /** A click on a clip in the Session View. */
  clickClip(clip) {
    this.acts("click");
    const slot = this.node(clip.parent);
    this.appView.focused_document_view = "Session";
    this.select({ highlighted_clip_slot: slot.id, detail_clip: clip.id, selected_track: slot.parent });
    this.selectScene(slot);
  }

  clickSlot(track, index) {
    this.acts("click");
    this.appView.focused_document_view = "Session";
    const slot = this.slotsOf(track)[index];
    this.select({ highlighted_clip_slot: slot.id, selected_track: track.id });
    this.selectScene(slot);
  }

  selectScene(slot) {
    const index = this.node(slot.parent).clip_slots.indexOf(slot.id);
    this.select({ selected_scene: this.song.scenes[index] });
  }

  clickTrack(track) {
    this.acts("click");
    this.select({ selected_track: track.id });
  }

  /** In the Arrangement a click moves the insert mark and not detail_clip (trap 1). */
  clickArrangementClip(clip) {
    this.acts("click");
    this.appView.focused_document_view = "Arranger";
    this.select({ selected_track: clip.parent });
    this.song.current_song_time = clip.start_time;
    this.notify(this.song, "current_song_time");
  }

  /** A click into the Device View, where the devices stand. */
  clickDeviceView() {
    this.acts("click");
    if (this.detailClip === "hidden") {
      this.select({ detail_clip: 0 });
    }
  }

  select(fields) {
    for (const [name, id] of Object.entries(fields)) {
      if (this.songView[name] !== id) {
        this.songView[name] = id;
        this.notify(this.songView, name);
      }
    }
  }

  selectNotes(clip, wanted) {
    this.acts("select");
    clip.selected = clip.notes.filter(wanted).map((note) => note.note_id);
  }

  editNotes(clip, edit) {
    this.acts("edit notes", () => {
      clip = this.node(clip.id);
      edit(clip.notes);
      this.sortNotes(clip);
      this.notify(clip, "notes");
    });
  }

  deleteClip(clip) {
    this.acts("delete clip", () => {
      const parent = this.node(clip.parent);
      if (parent.kind === "ClipSlot") {
        parent.clip = 0;
        this.drop(clip.id);
        this.notify(parent, "has_clip");
      } else {
        parent.arrangement_clips = parent.arrangement_clips.filter((id) => id !== clip.id);
        this.drop(clip.id);
        this.notify(parent, "arrangement_clips");
      }
    });
  }

  deleteTrack(track) {
    this.acts("delete track", () => {
      this.song.tracks = this.song.tracks.filter((id) => id !== track.id);
      this.drop(track.id);
      this.notify(this.song, "tracks");
    });
  }

  insertScene(at) {
    this.acts("insert scene", () => this.addScene(at));
  }

  moveTrack(track, to) {
    this.acts("move track", () => {
      this.song.tracks = this.song.tracks.filter((id) => id !== track.id);
      this.song.tracks.splice(to, 0, track.id);
      this.notify(this.song, "tracks");
    });
  }

  rename(node, name) {
    this.acts("rename", () => {
      node = this.node(node.id);
      node.name = name;
      this.notify(node, "name");
    });
  }

  /** The Session as a picture in words, for a test that fails. */
  describe() {
    const lines = this.tracks.map((track) => {
      const clips = this.clipsOf(track).map((clip, index) =>
        clip ? `${index + 1} "${clip.name}" (${clip.notes.length} notes)` : ""
      );
      const arranged = this.list(track.arrangement_clips).map(
        (clip) => `at beat ${clip.start_time} "${clip.name}" (${clip.notes.length} notes)`
      );
      const all = [...clips.filter(Boolean), ...arranged];
      return `  track "${track.name}": ${all.length > 0 ? all.join(", ") : "no clips"}`;
    });
    return lines.join("\n");
  }
}

module.exports = { Live };
