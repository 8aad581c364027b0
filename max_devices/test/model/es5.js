/*
 * The gate of ECMAScript 5: what `js` of Max 8 can read (shared/reference/max-for-live.md, §3.1).
 * A recognizer by recursive descent; whatever the grammar of ES5 lacks is an error with its line:
 * let, const, arrows, templates, classes, default and rest arguments, destructuring, spread, for-of,
 * shorthand properties, computed names, **, ?., ??, trailing commas in calls.
 */
"use strict";

const RESERVED = new Set(
  ("break case catch class const continue debugger default delete do else enum export extends false " +
    "finally for function if import in instanceof new null return super switch this throw true try " +
    "typeof var void while with let static yield implements interface package private protected public")
    .split(" ")
);
const PUNCTUATORS = [
  ">>>=", "===", "!==", ">>>", "<<=", ">>=", "=>", "**", "?.", "??", "...", "==", "!=", "<=", ">=",
  "&&", "||", "++", "--", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "{", "}", "(",
  ")", "[", "]", ";", ",", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "?", ":", "=",
  "."
].sort((a, b) => b.length - a.length);
const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", ">>>=", "&=", "|=", "^="]);
const BINARY = [
  ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!=", "===", "!=="],
  ["<", ">", "<=", ">=", "instanceof", "in"], ["<<", ">>", ">>>"], ["+", "-"], ["*", "/", "%"]
];
const UNARY = new Set(["delete", "void", "typeof", "++", "--", "+", "-", "~", "!"]);

class NotEs5 extends Error {}

/** Throws NotEs5, naming file and line, unless the source is a program of ECMAScript 5. */
function checkEs5(source, file) {
  new Reader(source, file || "script").program();
}

class Reader {
  constructor(source, file) {
    this.source = source;
    this.file = file;
    this.at = 0;
    this.line = 1;
    this.newline = false;
    this.next();
  }

  fail(text) {
    throw new NotEs5(`${this.file}, line ${this.line}: ${text} The js of Live 11.3 stops here.`);
  }

  // --- words ---

  skip() {
    this.newline = false;
    for (;;) {
      const rest = this.source.charAt(this.at);
      if (rest === "\n" || rest === "\u2028" || rest === "\u2029") {
        this.line += 1;
        this.newline = true;
        this.at += 1;
      } else if (rest !== "" && /\s|\ufeff/.test(rest)) {
        this.at += 1;
      } else if (this.source.startsWith("//", this.at)) {
        const end = this.source.indexOf("\n", this.at);
        this.at = end < 0 ? this.source.length : end;
      } else if (this.source.startsWith("/*", this.at)) {
        const end = this.source.indexOf("*/", this.at + 2);
        if (end < 0) {
          this.fail("A comment does not end.");
        }
        const lines = this.source.slice(this.at, end).split("\n").length - 1;
        this.line += lines;
        this.newline = this.newline || lines > 0;
        this.at = end + 2;
      } else {
        return;
      }
    }
  }

  next() {
    this.skip();
    const start = this.at;
    const rest = this.source.slice(start, start + 400);
    let found;
    if (start >= this.source.length) {
      this.token = { kind: "end", text: "the end" };
      return;
    }
    if ((found = /^[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest))) {
      this.token = { kind: RESERVED.has(found[0]) ? "keyword" : "name", text: found[0] };
    } else if ((found = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)/.exec(rest))) {
      if (/^[\w$]/.test(this.source.slice(start + found[0].length))) {
        this.fail(`The number ${rest.slice(0, 12)} is not of ES5.`);
      }
      if (/^0\d/.test(found[0])) {
        this.fail(`The octal number ${found[0]} is not of ES5.`);
      }
      this.token = { kind: "number", text: found[0] };
    } else if (rest[0] === '"' || rest[0] === "'") {
      this.token = { kind: "string", text: this.string(rest[0]) };
    } else if (rest[0] === "`") {
      this.fail("A template string is not of ES5.");
    } else {
      const sign = PUNCTUATORS.find((one) => rest.startsWith(one));
      if (!sign) {
        this.fail(`The sign ${rest[0]} is not of ES5.`);
      }
      if (["=>", "**", "?.", "??", "..."].includes(sign) && !/^\?\.\d/.test(rest)) {
        this.fail(`${sign} is not of ES5.`);
      }
      this.token = { kind: "sign", text: sign === "?." ? "?" : sign };
    }
    this.at = start + this.token.text.length;
  }

  string(quote) {
    let end = this.at + 1;
    while (this.source[end] !== quote) {
      if (end >= this.source.length || this.source[end] === "\n") {
        this.fail("A string does not end on its line.");
      }
      if (this.source.startsWith("\\u{", end)) {
        this.fail("\\u{…} is not of ES5.");
      }
      end += this.source[end] === "\\" ? 2 : 1;
    }
    return this.source.slice(this.at, end + 1);
  }

  /** The token is / or /=: read it again as a regular expression. */
  regularExpression() {
    let end = this.at - this.token.text.length + 1;
    let inClass = false;
    while (inClass || this.source[end] !== "/") {
      const sign = this.source[end];
      if (end >= this.source.length || sign === "\n") {
        this.fail("A regular expression does not end on its line.");
      }
      inClass = sign === "[" ? true : sign === "]" ? false : inClass;
      end += sign === "\\" ? 2 : 1;
    }
    const flags = /^[\w$]*/.exec(this.source.slice(end + 1, end + 20))[0];
    if (!/^[gim]*$/.test(flags)) {
      this.fail(`The flags ${flags} of a regular expression are not of ES5.`);
    }
    this.at = end + 1 + flags.length;
    this.next();
  }

  is(text) {
    return this.token.text === text && this.token.kind !== "string";
  }

  take(text) {
    if (!this.is(text)) {
      return false;
    }
    this.next();
    return true;
  }

  need(text) {
    if (!this.take(text)) {
      this.fail(`${text} is missing before ${this.token.text}.`);
    }
  }

  name() {
    if (this.token.kind !== "name") {
      this.fail(`${this.token.text} stands where ES5 needs a name.`);
    }
    this.next();
  }

  semicolon() {
    if (!this.take(";") && !this.is("}") && this.token.kind !== "end" && !this.newline) {
      this.fail(`${this.token.text} stands where a statement should end.`);
    }
  }

  // --- statements ---

  program() {
    while (this.token.kind !== "end") {
      this.element();
    }
  }

  element() {
    if (this.is("function")) {
      this.next();
      this.name();
      this.callable();
    } else {
      this.statement();
    }
  }

  callable() {
    this.need("(");
    if (!this.is(")")) {
      do {
        this.name();
      } while (this.take(","));
    }
    this.need(")");
    this.need("{");
    while (!this.is("}")) {
      if (this.token.kind === "end") {
        this.fail("A function does not end.");
      }
      this.element();
    }
    this.need("}");
  }

  block() {
    this.need("{");
    while (!this.is("}")) {
      if (this.token.kind === "end") {
        this.fail("A block does not end.");
      }
      this.statement();
    }
    this.need("}");
  }

  condition() {
    this.need("(");
    this.expression();
    this.need(")");
  }

  statement() {
    const word = this.token.kind === "keyword" || this.token.kind === "sign" ? this.token.text : "";
    switch (word) {
      case "{":
        this.block();
        return;
      case ";":
        this.next();
        return;
      case "var":
        this.next();
        this.declarations(true);
        this.semicolon();
        return;
      case "if":
        this.next();
        this.condition();
        this.statement();
        if (this.take("else")) {
          this.statement();
        }
        return;
      case "while":
        this.next();
        this.condition();
        this.statement();
        return;
      case "do":
        this.next();
        this.statement();
        this.need("while");
        this.condition();
        this.take(";");
        return;
      case "for":
        this.next();
        this.loop();
        return;
      case "break":
      case "continue":
        this.next();
        if (this.token.kind === "name" && !this.newline) {
          this.next();
        }
        this.semicolon();
        return;
      case "return":
        this.next();
        if (!this.is(";") && !this.is("}") && this.token.kind !== "end" && !this.newline) {
          this.expression();
        }
        this.semicolon();
        return;
      case "throw":
        this.next();
        this.expression();
        this.semicolon();
        return;
      case "debugger":
        this.next();
        this.semicolon();
        return;
      case "switch":
        this.next();
        this.condition();
        this.cases();
        return;
      case "try":
        this.next();
        this.block();
        this.handlers();
        return;
      case "with":
        this.fail("with is refused by v8 (§3.1).");
        return;
      case "function":
        this.fail("A function is declared inside a block, which ES5 does not have.");
        return;
      default:
        this.expressionStatement();
    }
  }

  expressionStatement() {
    const label = this.token.kind === "name";
    this.expression();
    if (label && this.is(":")) {
      this.next();
      this.statement();
      return;
    }
    this.semicolon();
  }

  declarations(allowIn) {
    do {
      this.name();
      if (this.take("=")) {
        this.assignment(allowIn);
      }
    } while (this.take(","));
  }

  loop() {
    this.need("(");
    if (this.take("var")) {
      this.declarations(false);
    } else if (!this.is(";")) {
      this.expression(false);
    }
    if (this.take("in")) {
      this.expression();
    } else {
      if (this.is("of")) {
        this.fail("for … of is not of ES5.");
      }
      this.need(";");
      if (!this.is(";")) {
        this.expression();
      }
      this.need(";");
      if (!this.is(")")) {
        this.expression();
      }
    }
    this.need(")");
    this.statement();
  }

  cases() {
    this.need("{");
    while (!this.take("}")) {
      if (this.take("case")) {
        this.expression();
      } else {
        this.need("default");
      }
      this.need(":");
      while (!this.is("case") && !this.is("default") && !this.is("}")) {
        this.statement();
      }
    }
  }

  handlers() {
    const caught = this.take("catch");
    if (caught) {
      this.need("(");
      this.name();
      this.need(")");
      this.block();
    }
    if (this.take("finally")) {
      this.block();
    } else if (!caught) {
      this.fail("try has neither catch nor finally.");
    }
  }

  // --- expressions ---

  expression(allowIn) {
    do {
      this.assignment(allowIn);
    } while (this.take(","));
  }

  assignment(allowIn) {
    this.binary(0, allowIn);
    if (this.take("?")) {
      this.assignment();
      this.need(":");
      this.assignment(allowIn);
    } else if (this.token.kind === "sign" && ASSIGNMENTS.has(this.token.text)) {
      this.next();
      this.assignment(allowIn);
    }
  }

  binary(level, allowIn) {
    if (level === BINARY.length) {
      this.unary();
      return;
    }
    this.binary(level + 1, allowIn);
    while (
      this.token.kind !== "string" &&
      BINARY[level].includes(this.token.text) &&
      !(this.token.text === "in" && allowIn === false)
    ) {
      this.next();
      this.binary(level + 1, allowIn);
    }
  }

  unary() {
    if (this.token.kind !== "string" && UNARY.has(this.token.text)) {
      this.next();
      this.unary();
      return;
    }
    this.member();
    if ((this.is("++") || this.is("--")) && !this.newline) {
      this.next();
    }
  }

  member() {
    if (this.take("new")) {
      this.member();
      return;
    }
    this.primary();
    for (;;) {
      if (this.take(".")) {
        if (this.token.kind !== "name" && this.token.kind !== "keyword") {
          this.fail(`${this.token.text} is no name of a property.`);
        }
        this.next();
      } else if (this.take("[")) {
        this.expression();
        this.need("]");
      } else if (this.is("(")) {
        this.callArguments();
      } else {
        return;
      }
    }
  }

  callArguments() {
    this.need("(");
    if (!this.is(")")) {
      do {
        this.assignment();
      } while (this.take(","));
    }
    this.need(")");
  }

  primary() {
    const token = this.token;
    if (token.kind === "name" || token.kind === "number" || token.kind === "string") {
      this.next();
    } else if (["this", "null", "true", "false"].includes(token.text)) {
      this.next();
    } else if (token.text === "/" || token.text === "/=") {
      this.regularExpression();
    } else if (this.take("(")) {
      this.expression();
      this.need(")");
    } else if (this.take("[")) {
      while (!this.take("]")) {
        if (!this.take(",")) {
          this.assignment();
          if (!this.is("]")) {
            this.need(",");
          }
        }
      }
    } else if (this.take("{")) {
      this.properties();
    } else if (this.take("function")) {
      if (this.token.kind === "name") {
        this.next();
      }
      this.callable();
    } else {
      this.fail(`${token.text} stands where ES5 needs a value.`);
    }
  }

  properties() {
    while (!this.take("}")) {
      const name = this.token;
      if (!["name", "keyword", "number", "string"].includes(name.kind)) {
        this.fail(`${name.text} is no name of a property in ES5.`);
      }
      this.next();
      if ((name.text === "get" || name.text === "set") && !this.is(":")) {
        this.next();
        this.callable();
      } else {
        if (!this.is(":")) {
          this.fail(`The property ${name.text} needs a colon and a value.`);
        }
        this.next();
        this.assignment();
      }
      if (!this.is("}")) {
        this.need(",");
      }
    }
  }
}

module.exports = { checkEs5, NotEs5 };
