/*
 * LiveAPI, as a script has it (Cycling '74's page "LiveAPI"; shared/reference/max-for-live.md, §4.1).
 *
 * What it gives comes in arrays, children as ["id", n, …], ids as strings, dictionaries as JSON; paths
 * are quoted. Before live.thisdevice it is dead. Live's refusals are red lines in Max's console and
 * not exceptions; a test fails on them.
 */
"use strict";

const { KINDS, Refused } = require("./lom");

const OWN = new Set(["id", "path", "unquotedpath", "mode", "type", "property", "children", "info", "patcher"]);

function makeLiveApi(script) {
  const apis = new Set();
  script.closeApis = () => apis.forEach((api) => api.stop());

  function LiveAPI(...given) {
    // "the first argument is still supported": this.patcher, of old
    const rest = given.filter((one) => typeof one === "function" || typeof one === "string" || typeof one === "number");
    const callback = typeof rest[0] === "function" ? rest.shift() : null;
    const api = new Api(script, callback);
    apis.add(api);
    const face = faceOf(api);
    api.face = face;
    api.open(rest[0]);
    return face;
  }
  return LiveAPI;
}

/** The object that the script holds: only what the page lists is there. */
function faceOf(api) {
  const methods = {
    get: (name) => api.get(name),
    set: (name, ...values) => api.set(name, values),
    call: (name, ...values) => api.call(name, values),
    getcount: (name) => api.count(name),
    goto: (path) => api.open(path),
    freepeer: () => api.stop()
  };
  return new Proxy(methods, {
    get: (_, name) => (OWN.has(name) ? api[name] : methods[name]),
    set: (_, name, value) => {
      if (!OWN.has(name)) {
        throw new TypeError(`LiveAPI has no ${String(name)} to set`);
      }
      api[name] = value;
      return true;
    }
  });
}

class Api {
  constructor(script, callback) {
    this.script = script;
    this.max = script.max;
    this.callback = callback;
    this.node = 0;
    this.wish = "";
    this.follows = 0; // 0 the object, 1 the path
    this.observed = "";
    this.observer = null;
    this.dead = !script.device.isReady;
    this.stopped = false;
    if (this.dead) {
      this.error(
        script.compiling
          ? "LiveAPI in global code: Live is not there yet (§3.1)"
          : "LiveAPI before live.thisdevice: it stays dead (§3.1)"
      );
    }
  }

  get live() {
    return this.script.device.live;
  }

  error(text) {
    this.max.error(`js ${this.script.file}: ${text}`);
  }

  open(where) {
    if (where === undefined || this.dead) {
      return;
    }
    const text = String(where).trim();
    const byId = /^(?:id\s+)?(\d+)$/.exec(text);
    this.wish = byId ? "" : text;
    const found = byId ? this.live.node(byId[1]) : this.resolve(text);
    this.refer(found ? found.id : 0);
  }

  refer(id) {
    this.stopObserving();
    this.node = id;
    if (this.callback) {
      this.tell(() => ["id", this.id]);
    }
    if (this.observed) {
      this.observe();
    }
  }

  /** The object there now; null where there is none (any more). */
  now() {
    if (this.dead || this.stopped) {
      return null;
    }
    if (this.follows === 1 && this.wish) {
      const found = this.resolve(this.wish);
      this.node = found ? found.id : 0;
    }
    return this.live.node(this.node);
  }

  resolve(path) {
    const words = path.replace(/^"|"$/g, "").split(/\s+/);
    const roots = {
      live_set: () => this.live.song,
      live_app: () => this.live.app,
      this_device: () => this.live.node(this.script.device.node.id)
    };
    if (!roots[words[0]]) {
      this.error(`LiveAPI: the path ${path} begins with no root`);
      return null;
    }
    let at = roots[words[0]]();
    for (let index = 1; index < words.length && at; index += 1) {
      const name = words[index];
      if (name === "canonical_parent") {
        at = this.live.node(at.parent);
        continue;
      }
      const child = KINDS[at.kind].children[name];
      if (!child) {
        return null;
      }
      const got = child(this.live, at);
      if (Array.isArray(got)) {
        index += 1;
        at = this.live.node(got[Number(words[index])]);
      } else {
        at = this.live.node(got);
      }
    }
    return at;
  }

  // --- properties of the LiveAPI object ---

  get id() {
    const node = this.now();
    return node ? String(node.id) : "0";
  }

  set id(value) {
    this.open(`id ${String(value).replace(/^id\s+/, "")}`);
  }

  get unquotedpath() {
    return this.live.pathOf(this.now());
  }

  get path() {
    return `"${this.unquotedpath}"`;
  }

  set path(value) {
    this.open(value);
  }

  get mode() {
    return this.follows;
  }

  set mode(value) {
    this.follows = Number(value);
  }

  get type() {
    const node = this.now();
    return node ? (node.kind === "Device" ? node.lomType || "Device" : node.kind) : "";
  }

  get children() {
    const node = this.now();
    return this.script.array(node ? Object.keys(KINDS[node.kind].children) : []);
  }

  get property() {
    return this.observed;
  }

  set property(name) {
    this.stopObserving();
    this.observed = String(name || "");
    if (this.observed) {
      this.observe();
    }
  }

  observe() {
    const node = this.now();
    if (!node) {
      return;
    }
    const kind = KINDS[node.kind];
    const property = kind.properties[this.observed];
    if (!property && !kind.children[this.observed]) {
      this.error(`'${this.observed}' is not a listenable property of ${node.kind}`);
      return;
    }
    if (property && !property[3]) {
      this.error(`'${this.observed}' is not a listenable property of ${node.kind}`);
      return;
    }
    const name = this.observed;
    const report = () => {
      const there = this.live.node(node.id);
      if (this.callback && !this.stopped && !this.script.freed && there) {
        this.invoke([name, ...this.read(there, name)]);
      }
    };
    this.observer = { node: node.id, property: name, callback: report };
    this.live.observers.add(this.observer);
    this.live.call(report); // once at once (trap 6)
  }

  stopObserving() {
    if (this.observer) {
      this.live.observers.delete(this.observer);
      this.observer = null;
    }
  }

  stop() {
    this.stopObserving();
    this.stopped = true;
  }

  tell(what) {
    this.live.call(() => {
      if (!this.stopped && !this.script.freed) {
        this.invoke(what());
      }
    });
  }

  invoke(values) {
    try {
      this.callback.call(this.face, this.script.array(values));
    } catch (fault) {
      this.script.complain(fault);
    }
  }

  // --- get, set, call ---

  /** The object, or null with Max's words in the console. */
  need(verb) {
    const node = this.now();
    this.live.reads += 1;
    if (!node) {
      this.error(`${verb}: no valid object set`);
    }
    return node;
  }

  get(name) {
    const node = this.need("get");
    if (!node) {
      return null;
    }
    if (!this.has(node, name)) {
      this.error(`get: no property called ${name} (${node.kind})`);
      return null;
    }
    return this.script.array(this.read(node, name));
  }

  has(node, name) {
    const kind = KINDS[node.kind];
    const since = (kind.since || {})[name];
    if (since && !this.live.isAtLeast(since)) {
      return false;
    }
    return name in kind.properties || name in kind.children || name === "canonical_parent";
  }

  read(node, name) {
    const kind = KINDS[node.kind];
    if (name === "canonical_parent") {
      return ["id", node.parent || 0];
    }
    if (kind.children[name]) {
      const got = kind.children[name](this.live, node);
      const ids = Array.isArray(got) ? got : [got];
      return ids.length === 0 ? [] : ids.flatMap((id) => ["id", id]);
    }
    const [type, read] = kind.properties[name];
    const value = read(this.live, node);
    if (type === "bang") {
      return ["bang"];
    }
    if (type === "symbol" && this.live.numberNames && /^-?\d+$/.test(value)) {
      return [Number(value)];
    }
    return type === "list" ? [...value] : [value];
  }

  count(name) {
    const node = this.need("getcount");
    const child = node && KINDS[node.kind].children[name];
    if (!child) {
      return 0;
    }
    const got = child(this.live, node);
    return Array.isArray(got) ? got.length : 1;
  }

  mayWrite(verb) {
    const why = this.live.whyNoWrite();
    if (why) {
      this.error(`${verb}: ${why}`);
    }
    return !why;
  }

  set(name, given) {
    const node = this.need("set");
    if (!node || !this.mayWrite(`set ${name}`)) {
      return undefined;
    }
    const kind = KINDS[node.kind];
    const values = given.flatMap((one) => (Array.isArray(one) ? Array.from(one) : [one]));
    if (kind.children[name] && (kind.setChildren || []).includes(name)) {
      const words = values.map(String).join(" ").split(/\s+/);
      const target = this.live.node(words[words.length - 1]);
      const inArrangement = this.live.appView.focused_document_view === "Arranger";
      // "setting detail_clip in the wrong main view is ignored" (trap 1)
      if (name !== "detail_clip" || !target || Boolean(target.is_arrangement_clip) === inArrangement) {
        this.live.select({ [name]: target ? target.id : 0 });
      }
      return undefined;
    }
    const property = this.has(node, name) && kind.properties[name];
    if (!property || !property[2]) {
      this.error(`set: no settable property called ${name} (${node.kind})`);
      return undefined;
    }
    this.guarded(`set ${name}`, () => {
      const value = converted(property[0], values[0], name);
      this.live.noteWrite(`set ${name}`);
      property[2](this.live, node, value);
      this.live.notify(node, name);
    });
    return undefined;
  }

  call(name, given) {
    const node = this.need("call");
    if (!node) {
      return null;
    }
    const work = KINDS[node.kind].calls[name];
    if (!work) {
      this.error(`call: no function called ${name} (${node.kind})`);
      return null;
    }
    const reads = name.startsWith("get_") || name.startsWith("is_");
    if (!reads && !this.mayWrite(`call ${name}`)) {
      return null;
    }
    let result = null;
    this.guarded(`call ${name}`, () => {
      const values = plain(given).flatMap((one) => (one === "id" ? [] : [one]));
      if (!reads) {
        this.live.noteWrite(`call ${name}`);
      }
      result = this.shaped(work(this.live, node, values));
    });
    return result;
  }

  guarded(verb, work) {
    try {
      work();
    } catch (fault) {
      if (!(fault instanceof Refused)) {
        throw fault;
      }
      this.error(`${verb}: ${fault.message}`);
    }
  }

  /** Results as js gets them: dictionaries as JSON, objects as ["id", n], lists as arrays. */
  shaped(result) {
    if (result === undefined || result === null) {
      return null;
    }
    if (result.dictionary) {
      const text = JSON.stringify(result.dictionary);
      if (this.live.dictionaries === "array") {
        return this.script.array([text]);
      }
      return this.live.dictionaries === "object" ? this.script.parse(text) : text;
    }
    if (result.id) {
      return this.script.array(["id", result.id]);
    }
    return Array.isArray(result) ? this.script.array(result) : result;
  }
}

/** Arguments as Live gets them: a plain object or a Dict is a dictionary. */
function plain(given) {
  return given.map((one) => {
    if (one && typeof one === "object" && typeof one.stringify === "function") {
      return JSON.parse(one.stringify());
    }
    return one && typeof one === "object" ? JSON.parse(JSON.stringify(one)) : one;
  });
}

function converted(type, value, name) {
  if (type === "symbol") {
    return String(value);
  }
  const number = Number(value);
  if (value === "" || Number.isNaN(number)) {
    throw new Refused(`${name} needs a number and got ${JSON.stringify(value)}.`);
  }
  return type === "float" ? number : type === "bool" ? (number ? 1 : 0) : Math.trunc(number);
}

module.exports = { makeLiveApi };
