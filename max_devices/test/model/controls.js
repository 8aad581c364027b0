/*
 * What a musician sees and touches: the live.* objects, labels, and the parameters behind them
 * (shared/reference/max-for-live.md, §2 and the reference pages of live.dial, live.text, …).
 *
 * `touch…` methods are the musician's hand. What a patch writes itself is noted in
 * `max.parameterWrites`: each is an undo step in Live (§2).
 */
"use strict";

const { Float, numberOf, readText, textOf } = require("./atoms");
const { MaxObject } = require("./patcher");

const CONTROLS = {};
const FLOAT = 0;
const INT = 1;
const ENUM = 2;
const HIDDEN = 2;
const INT_STEPS = 255; // "the native integer representation is limited to a range of 0-255" (§2)

// Attributes that any of them takes as a message, and that change what is seen or touched.
const LOOKS = new Set([
  "hidden", "active", "ignoreclick", "text", "texton", "textcolor", "bgcolor", "bgoncolor",
  "activebgcolor", "activebgoncolor", "activetextcolor", "activetextoncolor", "bordercolor",
  "focusbordercolor", "lcdcolor", "lcdbgcolor", "fontsize", "fontface", "textjustification",
  "annotation", "annotation_name", "hint", "presentation_rect", "presentation_position",
  "textoffcolor", "linecolor", "activedialcolor", "activeneedlecolor", "tricolor", "triangle",
  "valuepopup", "presentation_size", "inactivelcdcolor", "slidercolor"
]);

/** A thing in the presentation: seen, hidden, greyed. */
class Shown extends MaxObject {
  constructor(patcher, box, inlets, outlets) {
    super(patcher, box, inlets, outlets);
    this.looks = {};
    this.label = box.text || "";
    this.labelOn = box.texton || "";
  }

  /** Takes an attribute as a message; false where it is none. */
  look(message) {
    if (!LOOKS.has(message.selector)) {
      return false;
    }
    this.looks[message.selector] = message.atoms;
    const first = message.atoms[0];
    switch (message.selector) {
      case "hidden":
      case "ignoreclick":
      case "active":
        this.state[message.selector] = numberOf(first) !== 0;
        break;
      case "text":
        this.label = message.atoms.map(textOf).join(" ");
        break;
      case "texton":
        this.labelOn = message.atoms.map(textOf).join(" ");
        break;
      default:
    }
    this.max.intern(message.atoms);
    return true;
  }

  get isShown() {
    return Boolean(this.box.presentation) && !this.state.hidden;
  }
}

/** Text that can only be read. */
class Label extends Shown {
  constructor(patcher, box) {
    super(patcher, box, 1, 0);
  }

  receive(inlet, message) {
    const words = message.atoms.map(textOf).join(" ");
    if (message.selector === "set") {
      this.label = words;
      this.max.intern(message.atoms);
    } else if (message.selector === "append") {
      this.label += ` ${words}`;
    } else if (message.selector === "prepend") {
      this.label = `${words} ${this.label}`;
    } else if (!this.look(message)) {
      this.refuse(message);
    }
  }
}
Label.maxclass = true;
CONTROLS["live.comment"] = Label;

/** A surface, a line. */
class Surface extends Shown {
  constructor(patcher, box) {
    super(patcher, box, 1, 0);
  }

  receive(inlet, message) {
    if (!this.look(message)) {
      this.refuse(message);
    }
  }
}
Surface.maxclass = true;
CONTROLS.panel = Surface;
CONTROLS["live.line"] = Surface;
/** A control with a parameter of Live behind it. */
class Control extends Shown {
  constructor(patcher, box, outlets) {
    super(patcher, box, 1, outlets);
    const kept = (box.saved_attribute_attributes || {}).valueof || {};
    this.enabled = Boolean(box.parameter_enable);
    this.longname = kept.parameter_longname || box.varname || "";
    this.shortname = kept.parameter_shortname || this.longname;
    this.type = kept.parameter_type === undefined ? FLOAT : kept.parameter_type;
    this.invisible = kept.parameter_invisible || 0;
    this.items = kept.parameter_enum || [];
    this.least = kept.parameter_mmin === undefined ? 0 : kept.parameter_mmin;
    const highest = this.type === ENUM ? Math.max(0, this.items.length - 1) : 127;
    this.most = kept.parameter_mmax === undefined ? highest : kept.parameter_mmax;
    this.initial = kept.parameter_initial_enable ? (kept.parameter_initial || [])[0] : undefined;
    this.value = this.least;
  }

  /** Before live.thisdevice: what the Set kept, or the initial value, or the bottom of the range. */
  restore(stored) {
    const given = stored !== undefined && this.invisible !== HIDDEN ? stored : this.initial;
    this.value = this.fit(given === undefined ? this.least : given);
  }

  fit(number) {
    const held = Math.min(this.most, Math.max(this.least, number));
    if (this.type === FLOAT) {
      return Math.fround(held);
    }
    return Math.min(Math.round(held), this.least + INT_STEPS);
  }

  get atom() {
    return this.type === FLOAT ? new Float(this.value) : this.value;
  }

  get raw() {
    return new Float(this.most === this.least ? 0 : (this.value - this.least) / (this.most - this.least));
  }

  /** As it reads on the screen: its name and its value. */
  get reading() {
    return `${this.shortname} ${this.items[this.value] || Math.round(this.value * 100) / 100}`;
  }

  /** From the right outlet to the left. */
  tellValue() {
    this.out(1, [this.raw]);
    this.out(0, [this.atom]);
  }

  change(number) {
    this.value = this.fit(number);
  }

  wroteItself() {
    this.max.parameterWrites.push({ name: this.longname, invisible: this.invisible });
  }

  receive(inlet, message) {
    const first = message.atoms[0];
    switch (message.selector) {
      case "bang":
      case "outputvalue":
        this.tellValue();
        return;
      case "int":
      case "float":
        this.wroteItself();
        this.change(numberOf(first));
        this.tellValue();
        return;
      case "assign":
        this.change(numberOf(first));
        this.tellValue();
        return;
      case "set":
        // "writes the parameter and silences all its outlets" (§2)
        this.wroteItself();
        this.change(numberOf(first));
        return;
      case "rawfloat":
        this.wroteItself();
        this.change(this.least + numberOf(first) * (this.most - this.least));
        this.tellValue();
        return;
      case "init":
        this.restore();
        this.tellValue();
        return;
      case "symbol":
      case "setsymbol": {
        const index = this.items.indexOf(message.atoms.map(textOf).join(" "));
        if (index >= 0) {
          this.wroteItself();
          this.change(index);
          if (message.selector === "symbol") {
            this.tellValue();
          }
        }
        return;
      }
      case "_parameter_range":
        this.items = message.atoms.map(textOf);
        this.most = this.items.length - 1;
        this.value = this.fit(this.value);
        return;
      default:
        if (!this.look(message)) {
          this.refuse(message);
        }
    }
  }

  /** Why a musician cannot touch it; empty where it can be touched. */
  obstacle() {
    if (!this.isShown) {
      return "it is not on the screen";
    }
    if (!this.enabled) {
      return "it is no parameter, so Live gives it no clicks (§2)";
    }
    if (this.state.ignoreclick) {
      return "it ignores clicks";
    }
    return this.state.active ? "" : "it is greyed out";
  }

  touch(number) {
    this.change(number);
    this.tellValue();
  }
}
Control.maxclass = true;

CONTROLS["live.dial"] = class extends Control {
  constructor(patcher, box) {
    super(patcher, box, 2);
  }
};
CONTROLS["live.numbox"] = class extends Control {
  constructor(patcher, box) {
    super(patcher, box, 2);
  }
};
/** "The text of the selected item is sent out as a message", then its number. */
class Choice extends Control {
  constructor(patcher, box) {
    super(patcher, box, 3);
  }

  tellValue() {
    this.out(2, [this.raw]);
    const words = readText(String(this.items[this.value] || "")).atoms;
    if (words.length > 0) {
      this.out(1, words);
    }
    this.out(0, [this.value]);
  }
}
CONTROLS["live.menu"] = Choice;
CONTROLS["live.tab"] = Choice;

/** mode 0 is a button ("sends the text out the second outlet and a bang out the left"), 1 a toggle. */
CONTROLS["live.text"] = class extends Control {
  constructor(patcher, box) {
    super(patcher, box, 2);
    this.isButton = box.mode === 0;
    this.most = 1;
  }

  get face() {
    return this.value && !this.isButton ? this.labelOn || this.label : this.label;
  }

  fit(number) {
    return number ? 1 : 0;
  }

  tellValue() {
    if (this.isButton) {
      return; // a button has nothing to tell until it is pressed
    }
    this.out(1, this.face === "" ? [""] : readText(this.face).atoms);
    this.out(0, [this.value]);
  }

  touch(number) {
    if (this.isButton) {
      this.out(1, this.label === "" ? [""] : readText(this.label).atoms);
      this.out(0, []);
    } else {
      super.touch(number === undefined ? 1 - this.value : number);
    }
  }

  receive(inlet, message) {
    if (message.selector === "bang" && !this.isButton) {
      this.wroteItself();
      this.change(1 - this.value);
      this.tellValue();
    } else if (message.selector === "bang") {
      this.touch();
    } else {
      super.receive(inlet, message);
    }
  }
};

module.exports = { CONTROLS, Control, Shown };
