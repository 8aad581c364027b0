/*
 * What travels along a cord: a selector and atoms. An int is a number, a float a Float, a symbol a
 * string; Max tells 1 from 1. and OSC sends them apart, so the model does too.
 */
"use strict";

class Float {
  constructor(value) {
    this.value = value;
  }

  toString() {
    return Number.isInteger(this.value) ? `${this.value}.` : `${this.value}`;
  }
}

const INT32 = 2147483647;

/** The number of an int or float atom; NaN for a symbol. */
function numberOf(atom) {
  return atom instanceof Float ? atom.value : typeof atom === "number" ? atom : NaN;
}

/** The text of an atom, as Max writes it in a box or a label. */
function textOf(atom) {
  return String(atom);
}

function isSymbol(atom) {
  return typeof atom === "string";
}

/** A message from its atoms, as Max names it: bang, int, float, list, or the first symbol. */
function messageOf(atoms) {
  if (atoms.length === 0) {
    return { selector: "bang", atoms: [] };
  }
  const first = atoms[0];
  if (isSymbol(first)) {
    return { selector: first, atoms: atoms.slice(1) };
  }
  if (atoms.length > 1) {
    return { selector: "list", atoms };
  }
  return { selector: first instanceof Float ? "float" : "int", atoms };
}

/** All atoms of a message, its selector among them where it is a word of its own. */
function atomsOf(message) {
  if (["int", "float", "list", "bang"].includes(message.selector)) {
    return message.selector === "bang" ? ["bang"] : message.atoms;
  }
  return [message.selector, ...message.atoms];
}

/** A message as one would type it. */
function wordsOf(message) {
  return atomsOf(message).map(textOf).join(" ");
}

/** The atoms in the text of a box, with quotes and backslashes undone, and the attributes after @. */
function readText(text) {
  const words = [];
  const pattern = /"((?:\\.|[^"\\])*)"|((?:\\.|[^\s"\\])+)/g;
  let found;
  while ((found = pattern.exec(text)) !== null) {
    if (found[1] !== undefined) {
      words.push({ text: found[1].replace(/\\(.)/g, "$1"), quoted: true });
    } else {
      words.push({ text: found[2].replace(/\\(.)/g, "$1"), quoted: found[2].includes("\\") });
    }
  }
  const atoms = [];
  const attributes = {};
  let into = atoms;
  for (const word of words) {
    if (!word.quoted && /^@[A-Za-z_]/.test(word.text)) {
      into = attributes[word.text.slice(1)] = [];
    } else {
      into.push(word.quoted ? word.text : readAtom(word.text));
    }
  }
  return { atoms, attributes };
}

function readAtom(word) {
  if (/^[+-]?\d+$/.test(word)) {
    return parseInt(word, 10);
  }
  if (/^[+-]?(\d+\.\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) {
    return new Float(parseFloat(word));
  }
  return word;
}

/** Whether two atoms are the same; 1 and 1. are. */
function isSame(one, other) {
  if (isSymbol(one) || isSymbol(other)) {
    return one === other;
  }
  return numberOf(one) === numberOf(other);
}

module.exports = {
  Float, INT32, numberOf, textOf, isSymbol, messageOf, atomsOf, wordsOf, readText, readAtom, isSame
};
