/*
 * The ordinary objects of Max that the devices use. The words above each are those of its reference
 * page, shortened; inlets and outlets are those of shared/reference/max-box-shapes.json.
 */
"use strict";

const {
  Float, isSymbol, isSame, messageOf, atomsOf, numberOf, readText, textOf
} = require("./atoms");
const { decode, encode } = require("./osc");
const { MaxObject, Patcher } = require("./patcher");

const LARGEST_PACKET = 5096; // udpsend, "maxpacketsize"
const LONGEST_MESSAGE = 256; // prepend, "maximum allowed length of any constructed message"
const QUEUE = 512; // udpreceive, "maxqueuesize"

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

/** Like route, but the whole message goes on. */
OBJECTS.routepass = class extends OBJECTS.route {
  receive(inlet, message) {
    const first = atomsOf(message)[0];
    const hit = this.wanted.findIndex((wanted) => isSame(wanted, first));
    this.send(hit < 0 ? this.wanted.length : hit, message);
  }
};

/** "Outputs a bang in response to any input which matches; the rest goes out the right-most." */
class Select extends MaxObject {
  constructor(patcher, box, atoms) {
    const wanted = atoms.length > 0 ? atoms : [0];
    super(patcher, box, wanted.length === 1 ? 2 : wanted.length + 1, wanted.length + 1);
    this.wanted = wanted;
  }

  receive(inlet, message) {
    const first = atomsOf(message)[0];
    if (inlet > 0) {
      this.wanted[inlet - 1] = first;
      return;
    }
    const hit = this.wanted.findIndex((wanted) => isSame(wanted, first));
    if (hit < 0) {
      this.send(this.wanted.length, message);
    } else {
      this.out(hit, []);
    }
  }
}
OBJECTS.select = Select;
OBJECTS.sel = Select;

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

OBJECTS.append = class extends OBJECTS.prepend {
  receive(inlet, message) {
    if (message.selector === "set") {
      this.stored = message.atoms;
      return;
    }
    this.out(0, [...atomsOf(message), ...this.stored]);
  }
};

/** "A number is sent out each outlet, in order from right to left", in the form of its argument. */
class Trigger extends MaxObject {
  constructor(patcher, box, atoms) {
    const forms = atoms.length > 0 ? atoms : ["i", "i"];
    super(patcher, box, 1, forms.length);
    this.forms = forms;
  }

  receive(inlet, message) {
    for (let outlet = this.forms.length - 1; outlet >= 0; outlet -= 1) {
      this.send(outlet, this.formed(this.forms[outlet], message));
    }
  }

  formed(form, message) {
    const first = message.atoms[0];
    const number = ["int", "float", "list"].includes(message.selector) ? numberOf(first) || 0 : 0;
    switch (form) {
      case "b":
      case "bang":
        return messageOf([]);
      case "i":
      case "int":
        return messageOf([Math.trunc(number)]);
      case "f":
      case "float":
        return messageOf([new Float(number)]);
      case "l":
      case "list":
      case "a":
      case "anything":
        return message;
      case "s":
      case "symbol":
        return message.selector === "bang" ? messageOf([""]) : message;
      default:
        return messageOf([form]); // a constant
    }
  }
}
OBJECTS.t = Trigger;
OBJECTS.trigger = Trigger;

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
class Deferred extends MaxObject {
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
}
OBJECTS.deferlow = Deferred;

/** "Defers to the lower priority main thread"; from the main thread it lets pass at once. */
OBJECTS.defer = class extends Deferred {
  receive(inlet, message) {
    this.send(0, message);
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

OBJECTS.loadmess = class extends OBJECTS.loadbang {
  constructor(patcher, box, atoms) {
    super(patcher, box);
    this.stored = atoms;
  }

  loading() {
    this.out(0, this.stored.map((atom) => this.device.named(atom)));
  }

  receive(inlet, message) {
    if (message.selector === "set") {
      this.stored = message.atoms;
    } else {
      this.loading();
    }
  }
};

/** "Sent automatically when the patcher is freed." */
class Freebang extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }

  freeing() {
    this.out(0, []);
  }

  receive() {
    this.out(0, []);
  }
}
OBJECTS.freebang = Freebang;

/** Any message to all receives of the name; `---` is the device's own prefix (§5.3). */
class Send extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 0);
    this.target = this.device.named(atoms[0]);
  }

  receive(inlet, message) {
    this.max.tell(this.target, message);
  }
}
OBJECTS.send = Send;
OBJECTS.s = Send;

class Receive extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, atoms.length > 0 ? 0 : 1, 1);
    this.stop = this.max.listenTo(this.device.named(atoms[0]), (message) => this.send(0, message));
  }

  free() {
    super.free();
    this.stop();
  }
}
OBJECTS.receive = Receive;
OBJECTS.r = Receive;

/** "Messages are serialized and sent as OSC-compatible UDP packets." */
OBJECTS.udpsend = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 0);
    this.host = atoms.length > 0 ? atoms[0] : "127.0.0.1";
    this.port = atoms.length > 1 ? atoms[1] : 7400;
    this.largest = LARGEST_PACKET;
    this.mouth = this.max.network.open();
  }

  receive(inlet, message) {
    const first = message.atoms[0];
    if (message.selector === "host" || message.selector === "port") {
      this[message.selector] = first;
      this.reopen();
    } else if (message.selector === "maxpacketsize") {
      this.largest = first;
    } else if (message.selector !== "maxqueuesize") {
      this.transmit(message);
    }
  }

  transmit(message) {
    const packet = encode(message);
    if (packet.length > this.largest) {
      this.max.error(`${this.describe()}: a packet of ${packet.length} bytes is too large.`);
      return;
    }
    this.max.intern([message.selector, ...message.atoms]);
    this.max.network.send(this.mouth, this.host, this.port, packet);
  }

  /** What was sent before goes out first: a socket of Node hands its datagrams over a little later. */
  reopen() {
    const old = this.mouth;
    this.mouth = this.max.network.open();
    setTimeout(() => this.max.network.shut(old), 100).unref();
  }

  free() {
    super.free();
    const old = this.mouth;
    setTimeout(() => this.max.network.shut(old), 100).unref();
  }
};

/** "All OSC-compatible UDP messages received at the port are sent out the outlet." */
OBJECTS.udpreceive = class extends MaxObject {
  constructor(patcher, box, atoms, attributes) {
    super(patcher, box, 1, 1);
    this.ear = null;
    this.bound = null;
    this.waiting = 0;
    for (const name of Object.keys(attributes)) {
      if (!["defer", "quiet"].includes(name)) {
        this.max.error(`udpreceive has no attribute ${name} in Max 8 (§5.1).`);
      }
    }
    if (atoms.length > 0) {
      this.listen(atoms[0]);
    }
  }

  listen(port) {
    this.silence();
    let isTaken = false;
    const ear = this.max.network.listen(
      port,
      (packet) => this.heard(packet),
      () => {
        isTaken = true;
        this.max.post(`udpreceive: bind to port ${port} unsuccessful`); // nothing leaves the outlet
        if (this.bound === port) {
          this.ear = null;
          this.bound = null;
        }
      }
    );
    this.ear = isTaken ? null : ear;
    this.bound = isTaken ? null : port;
  }

  heard(packet) {
    if (this.freed || this.waiting >= QUEUE) {
      return;
    }
    this.waiting += 1;
    this.max.thread.post(() => {
      this.waiting -= 1;
      const { messages, errors } = decode(packet);
      errors.forEach((text) => this.max.error(text));
      for (const message of messages) {
        this.max.intern([message.selector, ...message.atoms]);
        if (!this.freed) {
          this.send(0, message);
        }
      }
    });
  }

  receive(inlet, message) {
    if (message.selector === "port") {
      this.listen(message.atoms[0]);
    } else if (!["maxqueuesize", "quiet", "defer"].includes(message.selector)) {
      this.refuse(message);
    }
  }

  silence() {
    if (this.ear) {
      this.max.network.hush(this.ear);
      this.ear = null;
      this.bound = null;
    }
  }

  free() {
    super.free();
    this.silence();
  }
};

/** A number kept; a bang gives it, the right inlet sets it. */
class Kept extends MaxObject {
  constructor(patcher, box, atoms, make) {
    super(patcher, box, 2, 1);
    this.make = make;
    this.kept = make(atoms.length > 0 ? numberOf(atoms[0]) : 0);
  }

  receive(inlet, message) {
    const set = message.selector === "set" || inlet === 1;
    if (message.selector !== "bang") {
      const number = numberOf(message.atoms[0]);
      if (Number.isNaN(number) || number === undefined) {
        this.refuse(message);
        return;
      }
      this.kept = this.make(number);
    }
    if (!set) {
      this.out(0, [this.kept]);
    }
  }
}
class IntBox extends Kept {
  constructor(patcher, box, atoms) {
    super(patcher, box, atoms, Math.trunc);
  }
}
class FloatBox extends Kept {
  constructor(patcher, box, atoms) {
    super(patcher, box, atoms, (number) => new Float(number));
  }
}
OBJECTS.i = IntBox;
OBJECTS.int = IntBox;
OBJECTS.f = FloatBox;
OBJECTS.float = FloatBox;

/** Lets a number pass only where it is another than the last. */
OBJECTS.change = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 3);
    this.last = 0;
  }

  receive(inlet, message) {
    const number = numberOf(message.atoms[0]);
    if (message.selector === "set") {
      this.last = number;
    } else if (number !== this.last) {
      this.last = number;
      this.out(0, message.atoms);
    }
  }
};

/** The left inlet opens one outlet; 0 closes all. */
OBJECTS.gate = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 2, atoms.length > 0 ? atoms[0] : 1);
    this.open = atoms.length > 1 ? atoms[1] : 0;
  }

  receive(inlet, message) {
    if (inlet === 0) {
      this.open = numberOf(message.atoms[0]);
    } else if (this.open > 0 && this.open <= this.outlets) {
      this.send(this.open - 1, message);
    }
  }
};

/** pack waits for its left inlet; pak sends whenever any inlet gets something. */
class Pack extends MaxObject {
  constructor(patcher, box, atoms) {
    const kept = atoms.length > 0 ? atoms : [0, 0];
    super(patcher, box, kept.length, 1);
    this.kept = kept.map((atom) => (atom === "i" ? 0 : atom === "f" ? new Float(0) : atom === "s" ? "" : atom));
  }

  receive(inlet, message) {
    message.atoms.forEach((atom, index) => {
      if (inlet + index < this.kept.length) {
        this.kept[inlet + index] = atom;
      }
    });
    if (inlet === 0 || this.eager) {
      this.out(0, [...this.kept]);
    }
  }
}
OBJECTS.pack = Pack;
OBJECTS.pak = class extends Pack {
  get eager() {
    return true;
  }
};

/** A list comes out element by element, from right to left. */
OBJECTS.unpack = class extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, atoms.length > 0 ? atoms.length : 2);
  }

  receive(inlet, message) {
    const atoms = atomsOf(message);
    for (let outlet = Math.min(atoms.length, this.outlets) - 1; outlet >= 0; outlet -= 1) {
      this.out(outlet, [atoms[outlet]]);
    }
  }
};

/** A patcher in a box; its inlets and outlets are counted from left to right. */
class Sub extends MaxObject {
  constructor(patcher, box) {
    const ports = (name) =>
      box.patcher.boxes
        .map((one) => one.box)
        .filter((one) => one.maxclass === name)
        .sort((one, other) => one.patching_rect[0] - other.patching_rect[0]);
    super(patcher, box, ports("inlet").length, ports("outlet").length);
    this.inner = new Patcher(patcher.max, box.patcher, patcher.models, patcher.device, this);
    this.ways = ports("inlet").map((one) => this.inner.objects.get(one.id));
    ports("outlet").forEach((one, index) => {
      this.inner.objects.get(one.id).leave = (message) => this.send(index, message);
    });
  }

  receive(inlet, message) {
    this.ways[inlet].send(0, message);
  }

  free() {
    super.free();
    this.inner.free();
  }
}
OBJECTS.p = Sub;
OBJECTS.patcher = Sub;

OBJECTS.inlet = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 0, 1);
  }
};
OBJECTS.inlet.maxclass = true;

OBJECTS.outlet = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 0);
    this.leave = () => {};
  }

  receive(inlet, message) {
    this.leave(message);
  }
};
OBJECTS.outlet.maxclass = true;

/** A command to the patcher's window; nothing that a test sees. */
OBJECTS.thispatcher = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 2);
  }

  receive() {}
};

/** Names the parameters of a page on Push; it has no part in what a device does. */
OBJECTS["live.banks"] = class extends MaxObject {
  constructor(patcher, box) {
    super(patcher, box, 1, 1);
  }
};

module.exports = { OBJECTS };
