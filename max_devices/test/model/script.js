/*
 * The js object: a frozen script in a context of ECMAScript 5, and what Max puts beside it
 * (Max JavaScript reference: jsthis; what is lent in `lent.js`; §3 of the reference here).
 * What has no model is a fault the moment a script asks for it.
 */
"use strict";

const vm = require("node:vm");
const { Float, INT32, isSymbol, messageOf, numberOf } = require("./atoms");
const { es5Only } = require("./context");
const { checkEs5 } = require("./es5");
const { makeApplication, makeDict, makeGlobal, makeTask } = require("./lent");
const { makeLiveApi } = require("./liveapi");
const { MaxObject } = require("./patcher");
const { NoModel } = require("./max");

const UNKNOWN = (
  "File Folder Buffer PolyBuffer XMLHttpRequest Image MGraphics Sketch SnapshotAPI MaxobjListener " +
  "ParameterListener ParameterInfoProvider patcher box JitterObject JitterMatrix JitterListener declareattribute " +
  "embedmessage notifyclients setoutletassist include require"
).split(" ");
// Functions that are never called by their name as a message.
const NEVER = new Set(["loadbang", "notifydeleted", "save", "getvalueof", "setvalueof"]);
const KINDS = { bang: "bang", int: "msg_int", float: "msg_float", list: "list" };

// Scripts that were read before: the same ones are loaded hundreds of times in a run of tests.
const checked = new Map();

class Script extends MaxObject {
  constructor(patcher, box, atoms) {
    super(patcher, box, 1, 1);
    this.tasks = new Set();
    this.file = String(atoms[0]);
    this.context = null;
    this.compiling = true;
    const found = this.device.scripts.get(this.file);
    if (!found) {
      this.max.error(`js: can't find file ${this.file}`);
      this.compiling = false;
      return;
    }
    this.compile(found.bytes.toString("utf8"), atoms);
    this.compiling = false;
  }

  compile(source, atoms) {
    if (!checked.has(source)) {
      checkEs5(source, this.file);
      checked.set(source, new vm.Script(source, { filename: this.file }));
    }
    const context = vm.createContext({}, { name: this.file });
    es5Only(vm, context);
    this.context = context;
    Object.assign(context, this.surroundings(atoms));
    this.guardUnknown(context);
    vm.runInContext(this.clock(), context).call(null, () => this.max.thread.now());
    try {
      checked.get(source).runInContext(context);
    } catch (fault) {
      this.complain(fault);
    }
    this.inlets = context.inlets;
    this.outlets = context.outlets;
    this.cords = Array.from({ length: this.outlets }, () => []);
  }

  /** Date, as it stands on the clock of the test. */
  clock() {
    return `(function (now) {
      var Real = Date;
      function Clock(a, b, c, d, e, f, g) {
        if (!(this instanceof Clock)) { return new Real(now()).toString(); }
        if (arguments.length === 0) { return new Real(now()); }
        return arguments.length === 1 ? new Real(a) : new Real(a, b, c || 1, d || 0, e || 0, f || 0, g || 0);
      }
      Clock.prototype = Real.prototype;
      Clock.now = function () { return now(); };
      Clock.parse = Real.parse;
      Clock.UTC = Real.UTC;
      Date = Clock;
    })`;
  }

  surroundings(atoms) {
    const script = this;
    const max = this.max;
    return {
      inlets: 1,
      outlets: 1,
      inlet: 0,
      autowatch: 0,
      messagename: "",
      jsarguments: atoms.map((atom) => (isSymbol(atom) ? this.device.named(atom) : numberOf(atom))),
      max: makeApplication(this),
      post: (...words) => max.post(words.map(String).join(" ")),
      cpost: (...words) => max.post(words.map(String).join(" ")),
      error: (...words) => max.error(`js ${script.file}: ${words.map(String).join(" ")}`),
      outlet: (index, ...values) => script.outlet(index, values),
      messnamed: (name, ...values) => max.tell(String(name), messageOf(script.toAtoms(values))),
      setinletassist: () => {},
      setoutletassist: () => {},
      assist: () => {},
      arrayfromargs: (...given) => this.arrayFromArgs(given),
      Task: makeTask(this),
      Global: makeGlobal(this),
      Dict: makeDict(this),
      LiveAPI: makeLiveApi(this)
    };
  }

  guardUnknown(context) {
    for (const name of UNKNOWN) {
      if (!(name in context)) {
        Object.defineProperty(context, name, {
          configurable: true,
          get: () => {
            throw new NoModel(`The model of Max has no ${name}, which ${this.file} asks for.`);
          }
        });
      }
    }
  }

  /** An array of the script's own kind, so that `instanceof Array` is true in it. */
  array(values) {
    const made = vm.runInContext("[]", this.context);
    values.forEach((value) => made.push(value));
    return made;
  }

  /** A value of the script's own kind from JSON. */
  parse(text) {
    return vm.runInContext("JSON.parse", this.context)(text);
  }

  arrayFromArgs(given) {
    const made = [];
    for (const one of given) {
      const isArguments = Object.prototype.toString.call(one) === "[object Arguments]";
      if (isArguments || Array.isArray(one)) {
        made.push(...Array.from(one));
      } else {
        made.push(one);
      }
    }
    return this.array(made);
  }

  /** Atoms from JavaScript: whole numbers become ints, others floats, strings symbols. */
  toAtoms(values) {
    const atoms = [];
    for (const value of values) {
      if (typeof value === "number") {
        if (Number.isNaN(value) || !Number.isFinite(value)) {
          throw new Error(`${this.file} sends ${value} out of an outlet.`);
        }
        atoms.push(Number.isInteger(value) && Math.abs(value) <= INT32 ? value : new Float(value));
      } else if (typeof value === "string") {
        atoms.push(value);
      } else if (typeof value === "boolean") {
        atoms.push(value ? 1 : 0);
      } else if (Array.isArray(value)) {
        atoms.push(...this.toAtoms(Array.from(value)));
      } else if (Object.prototype.toString.call(value) === "[object Arguments]") {
        atoms.push(...this.toAtoms(Array.from(value)));
      } else {
        throw new Error(`${this.file} sends ${String(value)} out of an outlet: Max drops it.`);
      }
    }
    return atoms;
  }

  outlet(index, values) {
    if (this.freed || this.compiling) {
      return;
    }
    if (index < 0 || index >= this.outlets) {
      this.max.error(`js ${this.file}: outlet ${index} is out of range`);
      return;
    }
    const atoms = this.toAtoms(values);
    this.max.intern(atoms);
    this.send(index, messageOf(atoms));
  }

  complain(fault) {
    if (fault instanceof NoModel || !fault || fault.name === undefined) {
      throw fault;
    }
    const place = /([^\s(]+\.js:\d+)/.exec(String(fault.stack)) || ["", this.file];
    this.max.error(`js: ${place[1]}: Javascript ${fault.name}: ${fault.message}`);
  }

  call(name, values) {
    const found = this.context && this.context[name];
    if (typeof found !== "function") {
      return false;
    }
    try {
      found.apply(this.context, values);
    } catch (fault) {
      this.complain(fault);
    }
    return true;
  }

  loading() {
    this.call("loadbang", []);
  }

  receive(inlet, message) {
    if (!this.context) {
      return;
    }
    const values = message.atoms.map((atom) => (isSymbol(atom) ? atom : numberOf(atom)));
    const name = KINDS[message.selector] || message.selector;
    this.context.inlet = inlet;
    this.context.messagename = message.selector;
    const own = this.context[name];
    const isCallable = typeof own === "function" && !own.local && this.isOfScript(name);
    if (isCallable && !NEVER.has(name)) {
      this.call(name, values);
    } else if (name === "msg_int" && this.isOfScript("msg_float")) {
      this.call("msg_float", values);
    } else if (this.isOfScript("anything")) {
      this.call("anything", values);
    } else {
      this.max.error(`js: no function ${message.selector} [${this.file}]`);
    }
  }

  /** Functions that the script itself declared, not those that Max or JavaScript put there. */
  isOfScript(name) {
    const own = this.context[name];
    return (
      typeof own === "function" &&
      !Script.surrounding.has(name) &&
      /^function|^\(?function/.test(Function.prototype.toString.call(own)) &&
      !/\[native code\]/.test(Function.prototype.toString.call(own))
    );
  }

  freeing() {
    if (this.isOfScript("notifydeleted")) {
      this.call("notifydeleted", []);
    }
  }

  free() {
    super.free();
    for (const task of this.tasks) {
      this.max.thread.cancel(task.timer);
    }
    this.tasks.clear();
    if (this.closeApis) {
      this.closeApis();
    }
  }
}
Script.surrounding = new Set([
  "post", "cpost", "error", "outlet", "messnamed", "setinletassist", "setoutletassist", "assist",
  "arrayfromargs", "Task", "Global", "Dict", "LiveAPI"
]);

module.exports = { Script };
