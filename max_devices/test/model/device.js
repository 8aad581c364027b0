/*
 * A built device on a track: loaded as Live loads it, seen and touched as a musician does.
 *
 * Loading (§1.6, §3.1): the objects are made and scripts compiled; loadbang; the parameters get what
 * the Set kept or their initial value and say it; then, and only then, live.thisdevice bangs.
 */
"use strict";

const { CONTROLS, Control, Shown } = require("./controls");
const { MIDI_TOOLS, ToolDesk } = require("./miditool");
const { OBJECTS } = require("./objects");
const { Patcher } = require("./patcher");
const { Script } = require("./script");
const { SOCKETS } = require("./sockets");

const MODELS = { ...OBJECTS, ...SOCKETS, ...CONTROLS, ...MIDI_TOOLS, js: Script };
const HEIGHT = 169;

class Device {
  /** built: what readDevice gives. place: a track or a chain of the Set. stored: parameter values. */
  constructor(max, live, built, place, stored = {}) {
    this.max = max;
    this.live = live;
    this.built = built;
    this.number = String(max.nextDevice).padStart(3, "0");
    max.nextDevice += 1;
    this.stored = stored;
    this.scripts = built.files;
    this.isReady = false;
    this.isFreed = false;
    this.track = live.trackOf(place);
    this.title = String(built.name).replace(/\.amxd$/, "");
    this.node = live.addDevice(place, "MxDeviceMidiEffect", this.title);
    this.patcher = null;
    max.devices.push(this);
    max.thread.post(() => this.load());
  }

  load() {
    if (this.isFreed) {
      return;
    }
    this.patcher = new Patcher(this.max, this.built.patcher, MODELS, this);
    this.each((object) => object.loading());
    const controls = this.controls();
    controls.forEach((control) => control.restore(this.stored[control.longname]));
    controls.forEach((control) => control.tellValue());
    this.max.thread.post(() => {
      if (!this.isFreed) {
        this.isReady = true;
        this.each((object) => object.ready && object.ready());
      }
    });
  }

  each(visit) {
    for (const object of this.patcher ? this.patcher.everyObject() : []) {
      visit(object);
    }
  }

  objects(Kind) {
    const found = [];
    this.each((object) => object instanceof Kind && found.push(object));
    return found;
  }

  /** All that is seen, which no script changes: kept, since tests look every few milliseconds. */
  shown() {
    if (!this.seen || this.seen.length === 0) {
      this.seen = this.objects(Shown)
        .map((one) => ({ one, rect: one.box.presentation_rect || [0, 0, 0, 0] }))
        .sort((a, b) => a.rect[1] - b.rect[1] || a.rect[0] - b.rect[0])
        .filter(({ rect }) => rect[1] < HEIGHT)
        .map(({ one }) => one);
    }
    return this.seen;
  }

  controls() {
    return this.objects(Control).filter((control) => control.enabled);
  }

  /** `---name` is the device's own; everything else is what it is. */
  named(atom) {
    return typeof atom === "string" && atom.startsWith("---") ? this.number + atom.slice(3) : atom;
  }

  script() {
    return this.objects(Script)[0];
  }

  /** Deleted, or its Set closed: Max frees the patcher. */
  free() {
    if (!this.isFreed) {
      this.isFreed = true;
      if (this.patcher) {
        this.patcher.free();
      }
      this.max.devices = this.max.devices.filter((device) => device !== this);
    }
  }

  /** The parameter values that the Set would keep. */
  kept() {
    const kept = {};
    for (const control of this.controls()) {
      if (control.invisible !== 2) {
        kept[control.longname] = control.value;
      }
    }
    return kept;
  }

  // --- the musician ---

  /** A control or label by its scripting name, long name, short name or the words on it. */
  find(name) {
    const all = this.shown();
    const found =
      all.find((one) => one.box.varname === name) ||
      all.find((one) => one.longname === name) ||
      all.find((one) => one.shortname === name) ||
      all.find((one) => one.isShown && one.label === name);
    if (!found) {
      throw new Error(`The device has no "${name}". ${this.describe()}`);
    }
    return found;
  }

  reach(name) {
    const control = this.find(name);
    const obstacle = control instanceof Control ? control.obstacle() : "it is only a label";
    if (obstacle) {
      throw new Error(`The musician cannot touch "${name}": ${obstacle}. ${this.describe()}`);
    }
    return control;
  }

  /** A click: on a button, a toggle. */
  press(name) {
    this.live.clickDeviceView();
    const control = this.reach(name);
    this.max.thread.post(() => !control.freed && control.touch(control.isButton ? undefined : 1 - control.value));
  }

  /** A value: of a dial, a number, a field. */
  turn(name, value) {
    this.live.clickDeviceView();
    const control = this.reach(name);
    this.max.thread.post(() => !control.freed && control.touch(value));
  }

  /** An item of a menu or of tabs, by its words. */
  choose(name, item) {
    const control = this.reach(name);
    const index = control.items.indexOf(item);
    if (index < 0) {
      throw new Error(`"${name}" has no item "${item}", only ${control.items.join(", ")}.`);
    }
    this.turn(name, index);
  }

  /** What can be read, from top to bottom and left to right: { name, text, control }. */
  screen() {
    return this.shown()
      .filter((one) => one.isShown)
      .map((one) => ({
        name: one.box.varname || one.longname || "",
        text: one.face === undefined ? one.label || one.reading || "" : one.face,
        control: one
      }));
  }

  /** The words that a label shows. */
  reads(name) {
    return this.find(name).label;
  }

  /** Whether these words stand anywhere on it. */
  shows(words) {
    return this.screen().some(({ text }) =>
      words instanceof RegExp ? words.test(text) : String(text).includes(words)
    );
  }

  describe() {
    if (!this.patcher) {
      return `The device "${this.title}" is still being loaded.`;
    }
    const parts = this.screen()
      .filter(({ text }) => text)
      .map(({ text, control }) =>
        control instanceof Control ? `[${text}${control.state.active ? "" : ", greyed"}]` : `“${text}”`
      );
    const where = this.track ? `on "${this.track.name}" ` : "";
    return `The device "${this.title}" ${where}shows: ${parts.join(" ")}.`;
  }
}

/** A MIDI Tool of Live 12: it stands in the Clip View and works on the clip that is open there. */
class MidiTool extends Device {
  constructor(max, live, built, clip, stored) {
    super(max, live, built, { id: live.song.id, devices: [] }, stored);
    this.desk = new ToolDesk(max, live, built.kind === "nagg");
    this.desk.open(clip);
  }

  /** The Apply button. */
  apply() {
    this.each((object) => {
      if (object.name === "live.miditool.in") {
        this.max.thread.post(() => object.accept(0, { selector: "bang", atoms: [] }));
      }
    });
  }
}

module.exports = { Device, MidiTool, MODELS };
