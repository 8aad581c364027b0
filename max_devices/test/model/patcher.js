/*
 * The interpreter of a patcher: boxes, cords, and the order of messages.
 *
 * Depth first, and where one outlet has several cords, from right to left by where the boxes stand,
 * then from bottom to top (Max user guide, "Message order"). Each box is an object of `objects.js`,
 * `controls.js` or `script.js`; one that has no model there ends the test.
 */
"use strict";

const { readText, messageOf } = require("./atoms");
const { NoModel } = require("./max");

const DEEPEST = 240; // nested messages; Max stops with "stack overflow"

class Patcher {
  /** models: makers of objects by name. device: what it belongs to. */
  constructor(max, json, models, device) {
    Object.assign(this, { max, json, models, device });
    this.objects = new Map();
    this.freed = false;
    for (const { box } of json.boxes) {
      if (this.objects.has(box.id)) {
        max.error(`Two boxes are called ${box.id}.`);
      }
      this.objects.set(box.id, this.make(box));
    }
    for (const { patchline } of json.lines) {
      const [from, outlet] = patchline.source;
      const [to, inlet] = patchline.destination;
      this.connect(this.objects.get(from), outlet, this.objects.get(to), inlet, patchline);
    }
  }

  make(box) {
    const text = box.maxclass === "newobj" ? box.text || "" : "";
    const { atoms, attributes } = readText(text);
    const name = box.maxclass === "newobj" ? String(atoms[0]) : box.maxclass;
    const Model = this.models[name];
    if (!Model) {
      throw new NoModel(
        `The model of Max has no ${name}. Add it to max_devices/test/model with the words of its` +
          " reference page, or do not use it."
      );
    }
    const writtenAs = Model.maxclass ? "maxclass" : "newobj";
    if ((box.maxclass === "newobj") !== (writtenAs === "newobj")) {
      this.max.error(`${name} must be written as ${writtenAs}: Max would show a dead box.`);
    }
    const made = new Model(this, box, atoms.slice(1), attributes);
    made.name = name;
    const outlettype = box.outlettype || [];
    if (outlettype.length !== box.numoutlets) {
      if (!(outlettype.length === 0 && box.numoutlets === 0)) {
        this.max.error(`${box.id} (${name}) has ${box.numoutlets} outlets, ${outlettype.length} types.`);
      }
    }
    if (box.numinlets !== made.inlets || box.numoutlets !== made.outlets) {
      this.max.error(
        `${box.id} (${text || name}) is written with ${box.numinlets} inlets and ${box.numoutlets}` +
          ` outlets, but it has ${made.inlets} and ${made.outlets}: Max deletes cords.`
      );
    }
    return made;
  }

  connect(from, outlet, to, inlet, line) {
    if (!from || !to) {
      this.max.error(`A cord leads from or to no box: ${JSON.stringify(line)}.`);
      return;
    }
    if (outlet >= from.outlets || inlet >= to.inlets || outlet < 0 || inlet < 0) {
      this.max.error(
        `patchcord ${outlet >= from.outlets ? "outlet" : "inlet"} out of range, deleting patchcord` +
          ` (${from.box.id} ${from.name} ${outlet} → ${to.box.id} ${to.name} ${inlet})`
      );
      return;
    }
    const cords = from.cords[outlet];
    cords.push({ to, inlet });
    const side = this.max.cordOrder === "right-to-left" ? 1 : -1;
    cords.sort((one, other) => {
      const [x, y] = one.to.box.patching_rect || [0, 0];
      const [u, v] = other.to.box.patching_rect || [0, 0];
      return side * (u - x || v - y || other.inlet - one.inlet);
    });
  }

  everyObject() {
    return this.objects.values();
  }

  free() {
    for (const object of this.objects.values()) {
      object.freeing();
    }
    for (const object of this.objects.values()) {
      object.free();
    }
    this.freed = true;
  }
}

/** What all objects have. A model sets its inlets and outlets and answers `receive`. */
class MaxObject {
  constructor(patcher, box, inlets, outlets) {
    this.patcher = patcher;
    this.max = patcher.max;
    this.device = patcher.device;
    this.box = box;
    this.inlets = inlets;
    this.outlets = outlets;
    this.cords = Array.from({ length: outlets }, () => []);
    this.freed = false;
    this.state = { hidden: Boolean(box.hidden), ignoreclick: Boolean(box.ignoreclick), active: true };
  }


  /** Sends atoms out of an outlet, as Max would name the message. */
  out(outlet, atoms) {
    this.send(outlet, messageOf(atoms));
  }

  send(outlet, message) {
    if (outlet >= this.outlets) {
      throw new Error(`${this.describe()} has no outlet ${outlet}.`);
    }
    for (const { to, inlet } of this.cords[outlet]) {
      to.accept(inlet, message);
    }
  }

  accept(inlet, message) {
    if (this.freed) {
      return;
    }
    this.max.depth += 1;
    try {
      if (this.max.depth > DEEPEST) {
        throw new Error(`stack overflow: messages go round in circles at ${this.describe()}.`);
      }
      this.receive(inlet, message);
    } finally {
      this.max.depth -= 1;
    }
  }

  receive(inlet, message) {
    this.refuse(message);
  }

  refuse(message) {
    this.max.error(`${this.describe()}: doesn't understand "${message.selector}"`);
  }

  /** As a person would point at it. */
  describe() {
    const written = this.box.maxclass === "newobj" && this.box.text ? this.box.text : this.name;
    return `${this.box.id} (${this.box.varname || written || this.box.maxclass})`;
  }

  loading() {}

  freeing() {}

  free() {
    this.freed = true;
  }
}

module.exports = { Patcher, MaxObject };
