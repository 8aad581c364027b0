/*
 * The interpreter of patchers and the js object. Behind each behaviour stands its source: a section
 * of max-for-live.md, or the page of Cycling '74's reference.
 */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { describe, test } = require("node:test");
const { Float, messageOf, readText } = require("./model/atoms");
const { MODELS } = require("./model/device");
const { NoModel } = require("./model/max");
const { MemoryNetwork } = require("./model/network");
const { decode, encode, OscFault } = require("./model/osc");
const { Studio } = require("./model/studio");
const { box, built, control, scripted } = require("./pack");

// The survey of real devices lies beside the repository, where it is there at all.
const SHAPES = ["..", "../.."]
  .map((up) => path.resolve(__dirname, "../..", up, "shared/reference/max-box-shapes.json"))
  .find((place) => fs.existsSync(place));

/** A small device on a track in drawn time, loaded. */
function load(device, choices = {}) {
  const studio = new Studio({ drawn: true, network: new MemoryNetwork(), ...choices });
  const track = studio.live.makeTrack("Track");
  const dropped = studio.drop(device, track, choices.stored);
  studio.max.thread.advance(0);
  return { studio, device: dropped, at: (id) => dropped.patcher.objects.get(id), max: studio.max };
}

/** Makes an object's output visible: gives a list to which every message is added. */
function listen(target) {
  const heard = [];
  target.receive = (inlet, message) => heard.push([message.selector, ...message.atoms.map(String)].join(" "));
  return heard;
}

function through(text, shape, ...messages) {
  const { at } = load(built(
    [box("a", text, { shape }), ...Array.from({ length: shape[1] }, (_, index) => box(`out${index}`, "send x", { x: 100 }))],
    Array.from({ length: shape[1] }, (_, index) => `a ${index} out${index} 0`)
  ));
  const heard = [];
  for (let index = 0; index < shape[1]; index += 1) {
    at(`out${index}`).receive = (inlet, message) =>
      heard.push(`${index}: ${[message.selector, ...message.atoms.map(String)].join(" ")}`);
  }
  messages.forEach((message) => at("a").accept(message.inlet || 0, message));
  return heard;
}

const int = (value, inlet) => ({ ...messageOf([value]), inlet });
const float = (value) => messageOf([new Float(value)]);
const words = (...atoms) => messageOf(atoms);
const bang = messageOf([]);

describe("messages", () => {
  test("go depth first and from right to left (Max user guide, Message Order)", () => {
    const order = { "right-to-left": ["right", "below right", "left"], "left-to-right": ["left", "right", "below right"] };
    for (const [cordOrder, expected] of Object.entries(order)) {
      const { at } = load(built(
        [box("from", "int"), box("left", "send l", { x: 0 }), box("right", "prepend r", { x: 100 }), box("below", "send b")],
        ["from 0 left 0", "from 0 right 0", "right 0 below 0"]
      ), { cordOrder });
      const heard = [];
      at("left").receive = () => heard.push("left");
      const pass = at("right").receive.bind(at("right"));
      at("right").receive = (inlet, message) => {
        heard.push("right");
        pass(inlet, message);
      };
      at("below").receive = () => heard.push("below right");
      at("from").accept(0, int(1));
      assert.deepEqual(heard, expected);
    }
  });

  test("that go round in circles end with a stack overflow", () => {
    const { at } = load(built([box("a", "prepend x"), box("b", "prepend y")], ["a 0 b 0", "b 0 a 0"]));
    assert.throws(() => at("a").accept(0, bang), /stack overflow/);
  });

  test("a cord out of range is deleted, with a red line (§1.5)", () => {
    const { max } = load(built([box("a", "int"), box("b", "int")], ["a 3 b 0"]));
    assert.match(max.errors[0], /outlet out of range, deleting patchcord/);
  });

  test("a box written with other ports than it has is a red line (§7, 5)", () => {
    const { max } = load(built([box("a", "route x y", { shape: [1, 2] })], []));
    assert.match(max.errors[0], /has 3 and 3/);
  });

  test("an object that the model does not know ends the test, by its name (§7, 3)", () => {
    const { studio } = load(built([box("a", "rooute x", { shape: [1, 2] })], []));
    assert.throws(() => studio.check(), NoModel);
    assert.throws(() => studio.check(), /rooute/);
  });

  test("an object in the wrong kind of box is a red line (§7, 4)", () => {
    const wrong = box("a", "int");
    Object.assign(wrong, { maxclass: "int" });
    assert.match(load(built([wrong], [])).max.errors[0], /must be written as newobj/);
  });
});

describe("objects", () => {
  test("route: the rest goes out where the first item matches, else the whole to the right", () => {
    assert.deepEqual(
      through("route state 7", [3, 3], words("state", "set", "x"), words("state"), int(7), words(7, 8), words("y", 1)),
      ["0: set x", "0: bang", "1: bang", "1: int 8", "2: y 1"]
    );
  });

  test("prepend: in front of any message, at most 256 items", () => {
    assert.deepEqual(through("prepend set", [1, 1], words("a", 1), int(5), words(1, new Float(2))), [
      "0: set a 1", "0: set 5", "0: set 1 2."
    ]);
  });

  test("message: $1 is replaced, a comma makes two, a semicolon sends to a name", () => {
    const { at, max } = load(built([box("a", "message set $1, bang; max launchbrowser http://x"), box("b", "send q")], ["a 0 b 0"]));
    const heard = listen(at("b"));
    at("a").accept(0, int(3));
    assert.deepEqual(heard, ["set 3", "bang"]);
    assert.deepEqual(max.commands.map((one) => one.selector), ["launchbrowser"]);
  });

  test("int: the right inlet sets, the left one sets and sends", () => {
    assert.deepEqual(through("int", [2, 1], { ...int(4), inlet: 1 }, bang, float(2.9)), ["0: int 4", "0: int 2"]);
  });

  test("deferlow: at the tail of the queue, always", () => {
    const { at, studio } = load(built([box("a", "deferlow"), box("b", "send q")], ["a 0 b 0"]));
    const heard = listen(at("b"));
    at("a").accept(0, int(1));
    assert.deepEqual(heard, []);
    studio.max.thread.advance(0);
    assert.deepEqual(heard, ["int 1"]);
  });

  test("--- in a name is the device's own: two copies do not hear each other (§5.3)", () => {
    const device = built([box("a", "send ---x"), box("b", "receive ---x"), box("c", "send q")], ["b 0 c 0"]);
    const { studio, at } = load(device);
    const other = studio.drop(device, studio.live.tracks[0]);
    studio.max.thread.advance(0);
    const mine = listen(at("c"));
    const theirs = listen(other.patcher.objects.get("c"));
    at("a").accept(0, int(1));
    assert.deepEqual([mine, theirs], [["int 1"], []]);
  });

  test("loadbang before the parameters, live.thisdevice after them (§1.6)", () => {
    const device = built(
      [
        box("load", "loadbang"), box("p1", "prepend load"), box("dial", "live.dial", { keys: control("dial", "live.dial", {}) }),
        box("p2", "prepend dial"), box("this", "live.thisdevice"), box("p3", "prepend this"), box("js", "js small.js", { shape: [1, 1] })
      ],
      ["load 0 p1 0", "p1 0 js 0", "dial 0 p2 0", "p2 0 js 0", "this 0 p3 0", "p3 0 js 0"]
    );
    device.files.set("small.js", { bytes: Buffer.from("function anything() { post(messagename); }") });
    assert.deepEqual(load(device).max.posts, ["load", "dial", "this"]);
  });

  test("the shapes of all objects are those that Max saved (max-box-shapes.json)", { skip: !SHAPES }, () => {
    const shapes = JSON.parse(fs.readFileSync(SHAPES, "utf8"));
    const examples = { route: "route a", receive: "receive x" };
    const seen = [];
    for (const name of Object.keys(MODELS).filter((one) => shapes[one] && one !== "js")) {
      const isOwn = Boolean(shapes[name].written_as.maxclass);
      assert.equal(Boolean(MODELS[name].maxclass), isOwn, `${name} is written as ${isOwn ? "maxclass" : "newobj"}`);
      const [ins, outs] = shapes[name].shapes[0].io;
      const made = box("a", examples[name] || name, { shape: [ins, outs] });
      if (isOwn) {
        Object.assign(made, { maxclass: name, text: "" });
      }
      const { studio, max } = load(built([made], []));
      studio.max.check();
      assert.deepEqual(max.errors, [], name);
      seen.push(name);
    }
    assert.ok(seen.length >= 20, seen.join(" "));
  });
});

describe("controls", () => {
  test("take the initial value where it is enabled, else the bottom of the range (§2)", () => {
    const range = { parameter_type: 0, parameter_mmin: 2, parameter_mmax: 9, parameter_initial: [5] };
    const { device } = load(built(
      [control("with", "live.dial", { ...range, parameter_initial_enable: 1 }), control("without", "live.dial", range)], []
    ));
    assert.deepEqual([device.find("with").value, device.find("without").value], [5, 2]);
  });

  test("get back what the Set kept, but not where they are hidden (§2)", () => {
    const range = { parameter_type: 0, parameter_mmin: 0, parameter_mmax: 9 };
    const { device } = load(built(
      [control("seen", "live.dial", range), control("hidden", "live.dial", { ...range, parameter_invisible: 2 })], []
    ), { stored: { seen: 4, hidden: 4 } });
    assert.deepEqual([device.find("seen").value, device.find("hidden").value], [4, 0]);
  });

  test("an Int has 256 steps: a port of 9001 becomes 1279 (§2)", () => {
    const { device } = load(built(
      [control("port", "live.numbox", { parameter_type: 1, parameter_mmin: 1024, parameter_mmax: 65000 })], []
    ));
    device.turn("port", 9001);
    device.max.thread.advance(0);
    assert.equal(device.find("port").value, 1279);
  });

  test("a Float goes out as float, an Int as int, the raw value first (live.dial, Output)", () => {
    for (const [type, expected] of [[0, "float 3."], [1, "int 3"]]) {
      const { device, at } = load(built(
        [control("a", "live.dial", { parameter_type: type, parameter_mmax: 6 }), box("v", "send v"), box("r", "send r")],
        ["a 0 v 0", "a 1 r 0"]
      ));
      const heard = [];
      at("v").receive = (_, message) => heard.push(`${message.selector} ${message.atoms.map(String)}`);
      at("r").receive = (_, message) => heard.push(`raw ${message.atoms.map(String)}`);
      device.turn("a", 3);
      device.max.thread.advance(0);
      assert.deepEqual(heard, ["raw 0.5", expected]);
    }
  });

  test("set writes the parameter and silences all outlets (§2)", () => {
    const { at, max } = load(built([control("a", "live.dial", {}), box("b", "send b")], ["a 0 b 0"]));
    const heard = listen(at("b"));
    at("a").accept(0, words("set", 7));
    assert.deepEqual([heard, at("a").value, max.parameterWrites.length], [[], 7, 1]);
  });

  test("live.text as a button sends its text, then a bang; as a toggle 0 and 1 (live.text, mouse)", () => {
    const { device, at } = load(built(
      [
        control("go", "live.text", { parameter_type: 2 }, { mode: 0, text: "Go" }),
        control("on", "live.text", { parameter_type: 2 }, { mode: 1, text: "Off", texton: "On" }),
        box("b", "send b"), box("c", "send c")
      ],
      ["go 0 b 0", "go 1 b 0", "on 0 c 0"]
    ));
    const [button, toggle] = [listen(at("b")), listen(at("c"))];
    device.press("Go");
    device.press("on");
    device.max.thread.advance(0);
    assert.deepEqual([button, toggle], [["Go", "bang"], ["int 1"]]);
    assert.ok(device.shows("On"));
  });

  test("live.menu sends the words, then the number (live.menu, Output)", () => {
    const { device, at } = load(built(
      [control("m", "live.menu", { parameter_type: 2, parameter_enum: ["One", "Two Three"], parameter_mmax: 1 }), box("b", "send b"), box("c", "send c")],
      ["m 0 b 0", "m 1 c 0"]
    ));
    const [numbers, names] = [listen(at("b")), listen(at("c"))];
    device.choose("m", "Two Three");
    device.max.thread.advance(0);
    assert.deepEqual([numbers, names], [["int 1"], ["Two Three"]]);
  });

  test("what is hidden, greyed, no parameter or deaf cannot be pressed (§2)", () => {
    const { device, at } = load(built(
      [
        control("grey", "live.text", {}, { mode: 0 }), control("gone", "live.text", {}, { mode: 0 }),
        control("deaf", "live.text", {}, { mode: 0, ignoreclick: 1 }), control("dead", "live.text", {}, { mode: 0, parameter_enable: 0 }),
        control("off", "live.text", {}, { mode: 0, presentation: 0 })
      ], []
    ));
    at("grey").accept(0, words("active", 0));
    at("gone").accept(0, words("hidden", 1));
    for (const [name, reason] of Object.entries({ grey: /greyed/, gone: /not on the screen/, deaf: /ignores/, dead: /no parameter/, off: /not on/ })) {
      assert.throws(() => device.press(name), reason);
    }
  });

  test("a message that a control does not know is a red line", () => {
    const { at, max } = load(built([control("a", "live.dial", {})], []));
    at("a").accept(0, words("colour", 1));
    assert.match(max.errors[0], /doesn't understand "colour"/);
  });
});

describe("OSC (§5.2)", () => {
  const packet = (address, tags, ...parts) => Buffer.concat([pad(address), pad(tags), ...parts]);
  const pad = (text) => Buffer.concat([Buffer.from(text), Buffer.alloc(4 - (text.length % 4))]);

  test("ints, floats and symbols go out under their own tags and come back", () => {
    const message = { selector: "/a", atoms: [1, new Float(1), "größe"] };
    const bytes = encode(message);
    assert.equal(bytes.subarray(4, 12).toString("latin1"), ",ifs\0\0\0\0");
    assert.deepEqual(decode(bytes).messages, [message]);
  });

  test("a float has 32 bits", () => {
    const [message] = decode(encode({ selector: "/a", atoms: [new Float(0.1)] })).messages;
    assert.equal(message.atoms[0].value, Math.fround(0.1));
  });

  test("a double arrives as 0., a blob not at all, an odd length not at all", () => {
    assert.equal(decode(packet("/a", ",d", Buffer.alloc(8, 1))).messages[0].atoms[0].value, 0);
    assert.match(decode(packet("/a", ",b", Buffer.alloc(8))).errors[0], /Unrecognized type tag b/);
    assert.match(decode(Buffer.from("abc")).errors[0], /not a multiple of 4/);
  });

  test("what nobody has written down is a fault of the test", () => {
    assert.throws(() => decode(packet("/a", ",T")), OscFault);
    assert.throws(() => encode({ selector: "/a", atoms: [3000000000] }), OscFault);
    assert.throws(() => encode({ selector: "list", atoms: [1] }), OscFault);
  });

  test("lists are cut at 256", () => {
    assert.equal(decode(encode({ selector: "/a", atoms: Array(300).fill(1) })).messages[0].atoms.length, 256);
  });
});

describe("udp (§5.1, §5.3)", () => {
  const echo = (port) => built([box("s", `udpsend 127.0.0.1 ${port}`), box("r", `udpreceive ${port}`), box("q", "send q")], ["r 0 q 0"]);

  test("real datagrams go from udpsend to udpreceive", async () => {
    const studio = new Studio();
    const device = studio.drop(echo(19571), studio.live.makeTrack("T"));
    await studio.until(() => device.isReady, "it is loaded");
    const heard = listen(device.patcher.objects.get("q"));
    await studio.until(() => {
      device.patcher.objects.get("s").accept(0, words("/x", 1, "two"));
      return heard.length > 0;
    }, "it comes back");
    assert.equal(heard[0], "/x 1 two");
    studio.close();
  });

  test("one udpreceive has a port; the second is told so in the console and hears nothing", async () => {
    const studio = new Studio();
    const track = studio.live.makeTrack("T");
    studio.drop(echo(19572), track);
    const second = studio.drop(echo(19572), track);
    await studio.until(() => studio.max.posts.some((text) => /bind to port 19572 unsuccessful/.test(text)), "it is told");
    assert.equal(second.patcher.objects.get("r").bound, null);
    assert.deepEqual(studio.redLines(), []);
    studio.close();
  });

  test("nothing may be sent to another machine", () => {
    const studio = new Studio();
    assert.throws(() => studio.max.network.send(studio.max.network.open(), "192.168.0.1", 1, Buffer.alloc(4)), /leave this machine/);
    studio.close();
  });
});

describe("js (§3.1)", () => {
  const run = (source, options) => load(scripted(source, options));

  test("calls the function that a message names; anything() gets the rest; else a red line", () => {
    const source = "function msg_int(v) { post('int', v); } function two(a, b) { post(a, b); } function list() { post(arrayfromargs(arguments).length); }";
    const { at, max } = run(`${source} function bang() {}`);
    [int(5), words("two", 1, "x"), words(1, 2, 3), words("three")].forEach((one) => at("js").accept(0, one));
    assert.deepEqual(max.posts, ["int 5", "1 x", "3"]);
    assert.match(max.errors[0], /no function three/);
    const any = run("function anything() { post(messagename, arrayfromargs(messagename, arguments).join()); }");
    any.at("js").accept(0, words("/a/b", 1));
    assert.ok(any.max.posts.includes("/a/b /a/b,1"));
  });

  test("whole numbers leave as ints, others as floats, arrays as lists", () => {
    const { at, studio } = run("function bang() { outlet(0, 1); outlet(0, 1.5); outlet(0, ['set', 1, 'a b']); outlet(0, 'x', [2, 3]); }", {
      boxes: [box("q", "send q")], cords: ["js 0 q 0"]
    });
    const heard = listen(at("q"));
    studio.max.thread.advance(0);
    at("js").accept(0, bang);
    assert.deepEqual(heard.slice(-4), ["int 1", "float 1.5", "set 1 a b", "x 2 3"]);
  });

  test("NaN and undefined do not pass an outlet unseen", () => {
    for (const value of ["0 / 0", "undefined", "{}"]) {
      const { studio, max } = run(`function bang() { outlet(0, ${value}); }`);
      studio.max.thread.advance(0);
      assert.match(max.errors.join(), /out of an outlet/);
    }
  });

  test("a fault in a script is a red line with its place", () => {
    const { max } = run("\nfunction bang() { missing(); }");
    assert.match(max.errors[0], /small\.js:2: Javascript ReferenceError/);
  });

  test("a file that is not in the device, or by another case, is a red line (§7, 9)", () => {
    const device = scripted("");
    device.files.set("Small.js", device.files.get("small.js"));
    device.files.delete("small.js");
    assert.match(load(device).max.errors[0], /can't find file small\.js/);
  });

  test("newer JavaScript does not load (§7, 7)", () => {
    const { studio } = run("let a = 1;");
    assert.throws(() => studio.check(), /let stands where/);
  });

  test("inlets and outlets are those of the script (§7, 5)", () => {
    const { max } = run("outlets = 3;", { outlets: 2 });
    assert.match(max.errors[0], /1 inlets and 2 outlets, but it has 1 and 3/);
  });

  test("a Task runs once after its delay, or again and again; cancel holds; the end of the device too", () => {
    const { studio, device, max } = run(
      "function bang() { var a = new Task(say, this, 'once'); a.schedule(100); again = new Task(say, this, 'again'); again.interval = 50; again.repeat(3); }" +
        "function say(what) { post(what, new Date().getTime() - start); } var again, start = new Date().getTime();"
    );
    studio.max.thread.advance(1000);
    assert.deepEqual(max.posts, ["again 50", "once 100", "again 100", "again 150"].sort((a, b) => a.split(" ")[1] - b.split(" ")[1]));
    device.script().accept(0, bang);
    studio.remove(device);
    studio.max.thread.advance(1000);
    assert.equal(max.posts.length, 4);
  });

  test("Global is shared by all scripts; their other globals are not (§5.3)", () => {
    const device = scripted("var own = 0; var shared = new Global('x'); function bang() { own += 1; shared.n = (shared.n || 0) + 1; post(own, shared.n); }");
    const { studio, max } = load(device);
    studio.drop(device, studio.live.tracks[0]);
    studio.max.thread.advance(0);
    assert.deepEqual(max.posts, ["1 1", "1 2"]);
  });

  test("notifydeleted is called when the device goes", () => {
    const { studio, device, max } = run("function bang() {} function notifydeleted() { post('gone'); }");
    studio.max.thread.advance(0);
    studio.remove(device);
    assert.deepEqual(max.posts, ["gone"]);
  });

  test("what the model does not know ends the test, by its name", () => {
    const { studio } = run("function bang() { new File('x'); }");
    studio.max.thread.advance(0);
    assert.throws(() => studio.check(), /no File/);
  });

  test("every symbol that leaves is counted, numbers are free (§3.1)", () => {
    const { max } = run("function bang() { outlet(0, 'a', 1); outlet(0, 'a', 2); outlet(0, 'b', 3); }");
    assert.deepEqual([...max.symbols], ["a", "b"]);
  });

});

describe("time (§4.1, trap 7)", () => {
  test("a stall holds the queue and the Tasks; what came meanwhile is done afterwards", () => {
    const { studio, max } = load(scripted("function bang() { var t = new Task(function () { post(new Date().getTime()); }, this); t.interval = 100; t.repeat(-1); }"));
    studio.max.thread.advance(1000);
    const before = max.posts.length;
    studio.max.thread.stall(6000);
    studio.max.thread.advance(5900);
    assert.equal(max.posts.length, before);
    studio.max.thread.advance(300);
    assert.ok(max.posts.length > before);
    studio.close();
  });

  test("with a real clock a stall is as long as it says", async () => {
    const studio = new Studio({ network: new MemoryNetwork() });
    let ran = 0;
    const from = Date.now();
    studio.max.thread.stall(150);
    studio.max.thread.post(() => (ran = Date.now() - from));
    await studio.until(() => ran, "it ran");
    assert.ok(ran >= 149 && ran < 1000, `${ran} ms`);
    studio.close();
  });

  test("a queue that never empties is said, not waited for", () => {
    const { studio } = load(scripted(""));
    const again = () => studio.max.thread.post(again);
    again();
    studio.max.thread.advance(1);
    assert.throws(() => studio.check(), /never empties/);
  });
});

test("the text of a box: quotes, backslashes, ints, floats, attributes", () => {
  assert.deepEqual(readText('udpreceive 9000 @defer 1 @quiet'), { atoms: ["udpreceive", 9000], attributes: { defer: [1], quiet: [] } });
  assert.deepEqual(readText('set "a b" c\\ d 1. .5 -3').atoms, ["set", "a b", "c d", new Float(1), new Float(0.5), -3]);
});
