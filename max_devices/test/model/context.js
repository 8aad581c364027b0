/*
 * A context in which nothing stands that came after ECMAScript 5, as in the engine of Max 8
 * (shared/reference/max-for-live.md, §3.1).
 */
"use strict";

const METHODS = {
  Object: "create defineProperty defineProperties getOwnPropertyDescriptor getOwnPropertyNames getPrototypeOf keys freeze isFrozen seal isSealed preventExtensions isExtensible",
  Array: "isArray",
  String: "fromCharCode",
  Number: "MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
  Math: "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow random round sin sqrt tan",
  Date: "now parse UTC",
  JSON: "parse stringify",
  RegExp: "",
  Function: "",
  Boolean: "",
  Error: "captureStackTrace stackTraceLimit"
};
const OF_PROTOTYPES = {
  Object: "constructor toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable __proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__",
  Function: "constructor toString apply call bind length name arguments caller",
  Array: "constructor length toString toLocaleString concat join pop push reverse shift slice sort splice unshift indexOf lastIndexOf every some forEach map filter reduce reduceRight",
  String: "constructor length toString valueOf charAt charCodeAt concat indexOf lastIndexOf localeCompare match replace search slice split substring substr toLowerCase toLocaleLowerCase toUpperCase toLocaleUpperCase trim",
  Number: "constructor toString toLocaleString valueOf toFixed toExponential toPrecision",
  RegExp: "constructor exec test toString source global ignoreCase multiline lastIndex compile"
};
const GLOBALS = (
  "Object Function Array String Boolean Number Math Date RegExp Error EvalError RangeError " +
  "ReferenceError SyntaxError TypeError URIError JSON NaN Infinity undefined eval parseInt parseFloat " +
  "isNaN isFinite decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape globalThis"
).split(" ");

/** Source of a function that takes from its context all that came after ES5. */
const TAKE_AWAY = `(function (globals, methods, ofPrototypes) {
  var root = this;
  Object.keys(methods).forEach(function (name) {
    prune(root[name], methods[name].split(" ").concat(["prototype", "length", "name"]));
  });
  Object.keys(ofPrototypes).forEach(function (name) {
    prune(root[name].prototype, ofPrototypes[name].split(" "));
  });
  Object.getOwnPropertyNames(root).forEach(function (name) {
    if (globals.indexOf(name) < 0) { delete root[name]; }
  });
  delete root.globalThis;
  function prune(thing, kept) {
    Object.getOwnPropertyNames(thing).forEach(function (name) {
      if (kept.indexOf(name) < 0) { delete thing[name]; }
    });
  }
})`;

/** Makes a fresh context of node:vm one of ECMAScript 5. */
function es5Only(vm, context) {
  vm.runInContext(TAKE_AWAY, context).call(
    vm.runInContext("this", context), GLOBALS, METHODS, OF_PROTOTYPES
  );
}

module.exports = { es5Only };
