/* The gate of ECMAScript 5, held against max-for-live.md §3.1. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const vm = require("node:vm");
const { readDevice } = require("./model/amxd");
const { es5Only } = require("./model/context");
const { checkEs5, NotEs5 } = require("./model/es5");
const fs = require("node:fs");
const { builtDevices, fileOf } = require("./scenes");

describe("refuses, with the line:", () => {
  const newer = {
    "let": "let a = 1;", "const": "const a = 1;", "an arrow": "var f = () => 1;", "a template": "var a = `x`;",
    "a class": "class A {}", "a default argument": "function f(a = 1) {}", "rest arguments": "function f(...a) {}",
    "destructuring": "var {a} = b;", "destructuring of arrays": "var [a] = b;", "spread": "f(...a);",
    "for of": "for (var a of b) {}", "a shorthand property": "var a = {b};", "a computed name": "var a = {[b]: 1};",
    "a shorthand method": "var a = {b() {}};", "a power": "a = b ** 2;", "optional chaining": "a = b?.c;",
    "nullish": "a = b ?? c;", "a trailing comma in a call": "f(1,);", "a generator": "function* f() {}",
    "async": "async function f() {}", "catch without a name": "try { f(); } catch { g(); }",
    "a binary number": "a = 0b11;", "a big number": "a = 1n;", "an octal number": "a = 017;",
    "a sticky expression": "a = /b/y;", "a code point": "a = '\\u{1F600}';", "new.target": "function f() { new.target; }",
    "with (v8 refuses it)": "with (a) { b(); }", "a function in a block": "if (a) { function f() {} }",
    "a reserved name": "var class = 1;", "a logical assignment": "a ||= b;", "a private name": "a = b.#c;"
  };
  for (const [name, source] of Object.entries(newer)) {
    test(name, () => {
      assert.throws(() => checkEs5(`var first;\n${source}`, "x.js"), (fault) =>
        fault instanceof NotEs5 && /^x\.js, line 2:/.test(fault.message));
    });
  }
});

describe("lets pass:", () => {
  const older = {
    "divisions and expressions": "var a = b / c / d, r = /[/\\]]x/gi.test(s) / 2;",
    "labels": "outer: for (;;) { for (;;) { break outer; } }",
    "reserved words as properties": "var a = {default: 1, class: 2}; a.delete = a['new'];",
    "getters and setters": "var a = {get x() { return 1; }, set x(v) {}, get: 1};",
    "in, inside and outside of for": "for (var k in o) { if (k in o) f(); }  for (i = ('a' in o); i < 1; i += 1) {}",
    "line ends instead of semicolons": "a\n++b\nreturnIt()\nvar c",
    "conditions with objects": "a = b ? {c: 1} : function () { return /x/; };",
    "holes and trailing commas": "var a = [1, , 2, ]; var o = {a: 1, };",
    "switch and do": "switch (a) { case 1: f(); default: do x(); while (y) z(); }",
    "try": "try { f(); } catch (e) { g(); } finally { h(); }",
    "new with and without arguments": "new (a.b())(1).c[2](); var d = new E;",
    "unicode": "var größe = '\\u2026 … ♪';"
  };
  for (const [name, source] of Object.entries(older)) {
    test(name, () => {
      checkEs5(source, "x.js");
      new vm.Script(source);
    });
  }
});

test("a context has nothing that came after ES5, and all that came before", () => {
  const context = vm.createContext({});
  es5Only(vm, context);
  const gone =
    "[typeof Promise, typeof Map, typeof Set, typeof Symbol, typeof Proxy, typeof Reflect, typeof Uint8Array," +
    " [].find, [].includes, [].fill, Array.from, Array.of, ''.includes, ''.startsWith, ''.padStart, ''.repeat," +
    " Object.assign, Object.values, Object.entries, Math.trunc, Math.sign, Number.isInteger, Number.isNaN," +
    " typeof setTimeout, typeof console, typeof globalThis].map(String).join()";
  assert.match(vm.runInContext(gone, context), /^(undefined,?)+$/);
  const there =
    "[Object.keys, Array.isArray, [].map, [].indexOf, [].reduce, ''.trim, ''.substr, JSON.parse, Date.now," +
    " Math.pow, parseInt, isNaN, encodeURI].every(function (one) { return typeof one === 'function'; })";
  assert.equal(vm.runInContext(there, context), true);
});

for (const name of builtDevices()) {
  test(`the scripts of ${name} are ES5`, () => {
    const { files } = readDevice(fs.readFileSync(fileOf(name)));
    assert.ok(files.size > 0);
    for (const file of files.values()) {
      checkEs5(file.bytes.toString("utf8"), file.name);
    }
  });
}
