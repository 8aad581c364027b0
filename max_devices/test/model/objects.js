/*
 * The ordinary objects of Max that the devices use, and the few more that the tests of the interpreter
 * need (int, loadbang, send, receive). The words above each are those of its reference
 * page, shortened; inlets and outlets are those of shared/reference/max-box-shapes.json.
 */
"use strict";

const { isSymbol, isSame, messageOf, atomsOf, numberOf, readText, textOf } = require("./atoms");
const { MaxObject } = require("./patcher");

const LONGEST_MESSAGE = 256; // prepend, "maximum allowed length of any constructed message"

const OBJECTS = {};

/** MIDI of the track comes out, byte by byte. */
OBJECTS.midiin = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }

  bytes(all) {
    for (const byte of all) {
      this.out(0, [byte]);
    }
  }
};

/** What comes in goes on to the next device of the track. */
OBJECTS.midiout = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 0);
    this.heard = [];
  }

  receive(inlet, message) {
    this.heard.push(...message.atoms.map(numberOf));
  }
};

/** "A bang is sent when the Max Device is completely initialized"; then its enabled state, preview. */
OBJECTS["live.thisdevice"] = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 3);
  }

  ready() {
    this.out(2, [0]);
    this.out(1, [1]);
    this.out(0, []);
  }

  receive(inlet, message) {
    if (message.selector === "bang" || message.selector === "loadbang") {
      this.out(0, []);
    } else if (message.selector === "setwidth") {
      this.max.post(`width ${message.atoms.map(textOf).join(" ")}`);
    } else if (message.selector === "getstate") {
      this.out(2, [0]);
    } else {
      this.refuse(message);
    }
  }
};

/** "Performs the same function as anything": the rest goes out where the first item matches. */
OBJECTS.route = class extends MaxObject {
  constructor(patcher, box, atoms) {
    const wanted = atoms.length > 0 ? atoms : [0];
    super(patcher, box, wanted.length + 1, wanted.length + 1);
    this.wanted = wanted;
  }

  receive(inlet, message) {
    const atoms = atomsOf(message);
    if (inlet > 0) {
      this.wanted[inlet - 1] = atoms[0];
      return;
    }
    const first = message.selector === "list" ? message.atoms[0] : atoms[0];
    const type = message.selector;
    // A bang, int, float, list or symbol matches those words too, as a kind.
    const hit = this.wanted.findIndex(
      (wanted) =>
        isSame(wanted, first) ||
        (["int", "float", "list"].includes(type) && wanted === type) ||
        (type === "bang" && wanted === "bang")
    );
    if (hit < 0) {
      this.send(this.wanted.length, message);
    } else if (isSymbol(this.wanted[hit]) && ["int", "float", "list"].includes(this.wanted[hit])) {
      this.send(hit, message);
    } else {
      this.out(hit, atoms.slice(1));
    }
  }
};

/** "The stored message is attached to the beginning of the message received." */
OBJECTS.prepend = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 1);
    this.stored = atoms;
  }

  receive(inlet, message) {
    if (message.selector === "set") {
      this.stored = message.atoms;
      return;
    }
    const whole = [...this.stored, ...atomsOf(message)];
    if (whole.length > LONGEST_MESSAGE) {
      this.max.error(`${this.describe()}: ${whole.length} items, of which Max keeps 256.`);
      whole.length = LONGEST_MESSAGE;
    }
    this.out(0, whole);
  }
};

/** "Sends out its contents; $1 is replaced"; after a semicolon to the receiver named there. */
OBJECTS.message = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 2, 1);
    this.text = box.text || "";
  }

  receive(inlet, message) {
    const words = atomsOf(message).map(textOf).join(" ");
    if (inlet === 1) {
      this.text = words;
    } else if (message.selector === "set") {
      this.text = message.atoms.map(textOf).join(" ");
    } else if (message.selector === "append") {
      this.text = `${this.text} ${message.atoms.map(textOf).join(" ")}`;
    } else {
      this.fire(message.selector === "bang" ? [] : message.atoms);
    }
  }

  fire(given) {
    const filled = this.text.replace(/\$(\d)/g, (_, digit) => {
      const atom = given[Number(digit) - 1];
      return atom === undefined ? "0" : textOf(atom);
    });
    filled.split(/(?<!\\);/).forEach((part, index) => {
      const { atoms } = readText(part.trim());
      if (index > 0) {
        if (atoms.length > 0) {
          this.max.tell(atoms[0], messageOf(atoms.slice(1)));
        }
        return;
      }
      part.split(/(?<!\\),/).forEach((one) => {
        const read = readText(one.trim()).atoms;
        if (read.length > 0) {
          this.out(0, read);
        }
      });
    });
  }
};
OBJECTS.message.maxclass = true;

/** "Places the received message at the tail of the low priority queue", always. */
OBJECTS.deferlow = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }

  receive(inlet, message) {
    this.max.thread.post(() => {
      if (!this.freed) {
        this.send(0, message);
      }
    });
  }
};

OBJECTS.loadbang = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }

  loading() {
    this.out(0, []);
  }

  receive() {
    this.out(0, []);
  }
};

/** "Sent automatically when the patcher is freed." */
OBJECTS.freebang = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }

  freeing() {
    this.out(0, []);
  }

  receive() {
    this.out(0, []);
  }
};

/** Any message to all receives of the name; `---` is the device's own prefix (§5.3). */
OBJECTS.send = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 0);
    this.target = this.device.named(atoms[0]);
  }

  receive(inlet, message) {
    this.max.tell(this.target, message);
  }
};

OBJECTS.receive = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, atoms.length > 0 ? 0 : 1, 1);
    this.stop = this.max.listenTo(this.device.named(atoms[0]), (message) => this.send(0, message));
  }

  free() {
    super.free();
    this.stop();
  }
};

/** An int kept; a bang gives it, the right inlet sets it. */
OBJECTS.int = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 2, 1);
    this.kept = atoms.length > 0 ? Math.trunc(numberOf(atoms[0])) : 0;
  }

  receive(inlet, message) {
    if (message.selector !== "bang") {
      const number = numberOf(message.atoms[0]);
      if (!(number === number)) {
        this.refuse(message);
        return;
      }
      this.kept = Math.trunc(number);
    }
    if (inlet === 0 && message.selector !== "set") {
      this.out(0, [this.kept]);
    }
  }
};

module.exports = { OBJECTS };
