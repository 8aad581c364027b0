/*
 * What Max lends a script: Task, Global, Dict, and `max` itself (Max JavaScript reference).
 */
"use strict";

/** Task: "schedule(delay)", "repeat(number, initialdelay)", "cancel()", "execute()", `interval`. */
function makeTask(script) {
  const { thread } = script.max;
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
function makeGlobal(script) {
  const { globals } = script.max;
  return function Global(name) {
    if (!globals.has(name)) {
      globals.set(name, {});
    }
    return globals.get(name);
  };
}

function makeDict(script) {
  const { dictionaries } = script.max;
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

/** `max`: its version, and commands to it as methods. */
function makeApplication(script) {
  const { max } = script;
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
      return (...values) => max.commands.push({ selector: name, atoms: script.toAtoms(values) });
    }
  });
}

module.exports = { makeApplication, makeDict, makeGlobal, makeTask };
