/*
 * Small devices for the tests of the model: a patcher from few words, and a container around it. Only
 * tests use it; the writer of the real devices is max_devices/builder.
 */
"use strict";

const SHAPES = {
  "live.thisdevice": [1, 3], midiin: [1, 1], midiout: [1, 0], route: null, udpsend: [1, 0],
  udpreceive: [1, 1], deferlow: [1, 1], prepend: [1, 1], loadbang: [1, 1], freebang: [1, 1], message: [2, 1],
  "live.comment": [1, 0], "live.text": [1, 2], "live.dial": [1, 2], "live.numbox": [1, 2],
  "live.menu": [1, 3], "live.tab": [1, 3], send: [1, 0], receive: [0, 1], int: [2, 1]
};
const OF_THEIR_OWN = new Set([
  "message", "live.comment", "live.text", "live.dial", "live.numbox", "live.menu", "live.tab"
]);

/** A box: id, what would be typed into it, and what else it has. x orders messages. */
function box(id, text, more = {}) {
  const name = text.split(" ")[0];
  const shape = more.shape || SHAPES[name];
  const isOwn = OF_THEIR_OWN.has(name);
  const made = {
    id,
    maxclass: isOwn ? name : "newobj",
    numinlets: shape[0],
    numoutlets: shape[1],
    outlettype: Array(shape[1]).fill(""),
    patching_rect: [more.x || 0, more.y || 0, 40, 20],
    ...more.keys
  };
  if (!isOwn) {
    made.text = text;
  } else if (name === "message" || name === "live.comment") {
    made.text = text.slice(name.length + 1);
  }
  return made;
}

/** A control with a parameter. */
function control(id, name, parameter, keys = {}) {
  return box(id, name, {
    keys: {
      parameter_enable: 1, varname: id, presentation: 1, presentation_rect: [0, 0, 40, 20],
      saved_attribute_attributes: { valueof: { parameter_longname: id, parameter_shortname: id, ...parameter } },
      ...keys
    }
  });
}

/** cords: "a 0 b 0", one each. */
function patcher(boxes, cords) {
  return {
    fileversion: 1,
    boxes: boxes.map((one) => ({ box: one })),
    lines: cords.map((cord) => {
      const [from, outlet, to, inlet] = cord.split(" ");
      return { patchline: { source: [from, Number(outlet)], destination: [to, Number(inlet)] } };
    })
  };
}

/** What readDevice would give. scripts: sources by name. */
function built(boxes, cords, scripts = {}) {
  const files = Object.entries(scripts).map(([name, text]) => [name, { name, bytes: Buffer.from(text) }]);
  return { kind: "mmmm", name: "Small.amxd", patcher: patcher(boxes, cords), files: new Map(files) };
}

/** live.thisdevice and one script with so many outlets; `more` boxes and cords beside it. */
function scripted(source, { outlets = 1, boxes = [], cords = [] } = {}) {
  return built(
    [box("this", "live.thisdevice"), box("js", "js small.js", { shape: [1, outlets] }), ...boxes],
    ["this 0 js 0", ...cords],
    { "small.js": source }
  );
}

// --- the container, §1.1 and §1.2 ---

function container(content, { kind = "mmmm", files = [] } = {}) {
  const json = Buffer.concat([Buffer.from(JSON.stringify({ patcher: content }) + "\n"), Buffer.alloc(1)]);
  const entries = [{ name: "Small.amxd", type: "JSON", flag: 17, bytes: json }, ...files];
  const payload = Buffer.concat(entries.map((one) => one.bytes));
  let offset = 16;
  const dire = entries.map((one) => {
    const name = Buffer.alloc((Math.floor(Buffer.byteLength(one.name) / 4) + 1) * 4);
    name.write(one.name);
    const made = section("dire", Buffer.concat([
      section("type", Buffer.from(one.type)), section("fnam", name), section("sz32", be(one.bytes.length)),
      section("of32", be(offset)), section("vers", be(0)), section("flag", be(one.flag || 0)),
      section("mdat", be(3590052786))
    ]));
    offset += one.bytes.length;
    return made;
  });
  const head = Buffer.alloc(16);
  head.write("mx@c");
  head.writeUInt32BE(16, 4);
  head.writeBigUInt64BE(BigInt(16 + payload.length), 8);
  const body = Buffer.concat([head, payload, section("dlst", Buffer.concat(dire))]);
  return Buffer.concat([chunk("ampf", Buffer.from(kind)), chunk("meta", le(7)), chunk("ptch", body)]);
}

function section(tag, payload) {
  return Buffer.concat([Buffer.from(tag), be(payload.length + 8), payload]);
}

function chunk(tag, payload) {
  return Buffer.concat([Buffer.from(tag), le(payload.length), payload]);
}

function be(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function le(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

module.exports = { box, control, built, scripted, container, patcher };
