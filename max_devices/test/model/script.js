/*
 * The js object: a frozen script in a context of ECMAScript 5, and what Max puts beside it
 * (Max JavaScript reference: jsthis, Task, Maxobj, Patcher, Global, Dict; §3 of the reference here).
 * What has no model is a fault the moment a script asks for it.
 */
"use strict";

const vm = require("node:vm");
const { Float, INT32, isSymbol, messageOf, numberOf } = require("./atoms");
const { checkEs5, es5Only } = require("./es5");
const { makeLiveApi } = require("./liveapi");
const { MaxObject } = require("./patcher");
const { NoModel } = require("./max");

const UNKNOWN = (
  "File Folder Buffer PolyBuffer XMLHttpRequest Image MGraphics Sketch SnapshotAPI MaxobjListener " +
  "ParameterListener ParameterInfoProvider JitterObject JitterMatrix JitterListener declareattribute " +
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
      max: this.application(),
      patcher: this.patcherForScript(this.patcher),
      box: this.maxobj(this),
      post: (...words) => max.post(words.map(String).join(" ")),
      cpost: (...words) => max.post(words.map(String).join(" ")),
      error: (...words) => max.error(`js ${script.file}: ${words.map(String).join(" ")}`),
      outlet: (index, ...values) => script.outlet(index, values),
      messnamed: (name, ...values) => max.tell(String(name), messageOf(script.toAtoms(values))),
      setinletassist: () => {},
      setoutletassist: () => {},
      assist: () => {},
      arrayfromargs: (...given) => this.arrayFromArgs(given),
      Task: this.taskMaker(),
      Global: this.globalMaker(),
      Dict: this.dictMaker(),
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

  // --- what Max lends a script ---

  /** Task: "schedule(delay)", "repeat(number, initialdelay)", "cancel()", "execute()", `interval`. */
  taskMaker() {
    const script = this;
    const thread = this.max.thread;
    function Task(work, owner, ...rest) {
      const task = this;
      task.function = work;
      task.object = owner;
      task.arguments = script.array(rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest);
      task.interval = 500;
      task.running = 0;
      task.iterations = 0;
      const inner = { timer: null };
      script.tasks.add(inner);

      function execute() {
        if (script.freed) {
          return;
        }
        try {
          task.function.apply(task.object || script.context, Array.from(task.arguments));
        } catch (fault) {
          script.complain(fault);
        }
      }

      task.execute = execute;
      task.schedule = (delay) => {
        task.cancel();
        task.running = 1;
        inner.timer = thread.after(Number(delay) || 0, () => {
          task.running = 0;
          task.iterations += 1;
          execute();
        });
      };
      task.repeat = (number, initial) => {
        task.cancel();
        let left = number === undefined || number < 0 ? Infinity : number;
        task.running = 1;
        task.iterations = 0;
        const step = () => {
          task.iterations += 1;
          left -= 1;
          // Max re-arms before it runs, so that a cancel from inside holds.
          if (left > 0) {
            inner.timer = thread.after(task.interval, step);
          } else {
            task.running = 0;
          }
          execute();
        };
        inner.timer = thread.after(initial === undefined ? task.interval : Number(initial), step);
      };
      task.cancel = () => {
        thread.cancel(inner.timer);
        inner.timer = null;
        task.running = 0;
      };
      task.freepeer = task.cancel;
    }
    return Task;
  }

  /** "Data shared by all js": one object for each name. */
  globalMaker() {
    const globals = this.max.globals;
    return function Global(name) {
      if (!globals.has(name)) {
        globals.set(name, {});
      }
      return globals.get(name);
    };
  }

  dictMaker() {
    const { dictionaries } = this.max;
    const script = this;
    let unnamed = 0;
    return function Dict(name) {
      unnamed += 1;
      const dict = this;
      dict.name = name === undefined ? `u${script.device.number}${unnamed}` : script.device.named(name);
      if (!dictionaries.has(dict.name)) {
        dictionaries.set(dict.name, {});
      }
      const content = () => dictionaries.get(dict.name);
      dict.parse = (text) => dictionaries.set(dict.name, JSON.parse(text));
      dict.stringify = () => JSON.stringify(content());
      dict.set = (key, ...values) => {
        content()[key] = values.length === 1 ? values[0] : values;
      };
      dict.replace = dict.set;
      dict.get = (key) => {
        const found = String(key).split("::").reduce((at, part) => (at ? at[part] : undefined), content());
        return found === undefined ? null : Array.isArray(found) ? script.array(found) : found;
      };
      dict.contains = (key) => (key in content() ? 1 : 0);
      dict.getkeys = () => script.array(Object.keys(content()));
      dict.remove = (key) => delete content()[key];
      dict.clear = () => dictionaries.set(dict.name, {});
      dict.freepeer = () => {};
    };
  }

  application() {
    const max = this.max;
    const hex = max.version.split(".").map((part) => parseInt(part, 10).toString(16)).join("");
    const fields = { version: hex, isruntime: 0, os: "windows", arch: "x64", mainthread: 1 };
    return new Proxy(fields, {
      get: (_, name) => {
        if (name in fields) {
          return fields[name];
        }
        if (typeof name === "symbol") {
          return undefined;
        }
        return (...values) => max.commands.push({ selector: name, atoms: this.toAtoms(values) });
      }
    });
  }

  /** The patcher as a script sees it. */
  patcherForScript(patcher) {
    const script = this;
    const own = {
      getnamed: (name) => {
        const found = patcher.named(name);
        return found ? script.maxobj(found) : null;
      },
      newdefault: (x, y, name, ...values) => script.maxobj(patcher.add(name, x, y, script.toAtoms(values))),
      connect: (from, outlet, to, inlet) => patcher.connect(from.of, outlet, to.of, inlet, {}),
      disconnect: (from, outlet, to, inlet) => patcher.disconnect(from.of, outlet, to.of, inlet),
      remove: (object) => patcher.remove(object.of)
    };
    return new Proxy(own, {
      get: (_, name) => {
        if (name in own || typeof name === "symbol") {
          return own[name];
        }
        if (name === "box" && !patcher.parent) {
          return null;
        }
        if (name === "parentpatcher") {
          return patcher.parent ? script.patcherForScript(patcher.parent.patcher) : null;
        }
        throw new NoModel(`The model of Max has no patcher.${String(name)}.`);
      }
    });
  }

  /** A box as a script sees it: `message`, and attributes as properties. */
  maxobj(object) {
    const script = this;
    const send = (name, values) => {
      const atoms = script.toAtoms(values);
      object.accept(0, isSymbol(name) ? { selector: name, atoms } : messageOf(script.toAtoms([name, ...values])));
    };
    const own = {
      of: object,
      varname: object.box.varname || "",
      maxclass: object.name,
      valid: 1,
      rect: object.box.patching_rect,
      message: (name, ...values) => send(name, values),
      setattr: (name, ...values) => send(name, values),
      setboxattr: (name, ...values) => send(name, values),
      getattr: (name) => (object.looks && object.looks[name] ? object.looks[name][0] : object.box[name])
    };
    return new Proxy(own, {
      get: (_, name) => {
        if (name in own || typeof name === "symbol") {
          return own[name];
        }
        if (name === "patcher") {
          return script.patcherForScript(object.patcher);
        }
        if (name === "hidden") {
          return object.state.hidden ? 1 : 0;
        }
        throw new NoModel(`The model of Max has no ${object.name}.${String(name)} for a script.`);
      },
      set: (_, name, value) => {
        if (name === "hidden") {
          object.state.hidden = Boolean(value);
          return true;
        }
        throw new NoModel(`The model of Max cannot set ${object.name}.${String(name)} from a script.`);
      }
    });
  }
}
Script.surrounding = new Set([
  "post", "cpost", "error", "outlet", "messnamed", "setinletassist", "setoutletassist", "assist",
  "arrayfromargs", "Task", "Global", "Dict", "LiveAPI"
]);

module.exports = { Script };
