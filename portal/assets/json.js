// JSON as it stands: where a text is none, a text with indents, one value replaced, and values without a
// digit lost. `JSON.parse` says differently in each browser what is wrong, and rounds integers above 2^53.

/** How deep JSON may be nested: what the sandbox takes. */
const DEEPEST = 127;

/** A text that is no JSON, with the line and the column where it stops to be some, both from 1. */
export class Fault extends Error {
  constructor(text, at, reason) {
    super(reason);
    const before = text.slice(0, at).split("\n");
    this.at = at;
    this.reason = reason;
    this.line = before.length;
    this.column = Array.from(before.at(-1)).length + 1;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;

/**
 * Reads a text.
 *
 * A node has `kind` (object, array, string, number, word), `start` and `end` in the text; an object has
 * `members`, each with `name` and `value`; an array has `items`.
 */
export function read(text) {
  let at = 0;
  const space = () => {
    while (at < text.length && " \t\n\r".includes(text[at])) at += 1;
  };
  const fail = (reason) => {
    throw new Fault(text, at, reason);
  };
  const token = (kind, pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return fail(kind);
    const node = { kind, start: at, end: pattern.lastIndex };
    at = node.end;
    return node;
  };
  const list = (close, one) => {
    const all = [];
    at += 1;
    space();
    if (text[at] === close) {
      at += 1;
      return all;
    }
    for (;;) {
      all.push(one());
      space();
      if (text[at] === close) {
        at += 1;
        return all;
      }
      if (text[at] !== ",") fail(close === "}" ? "comma-or-brace" : "comma-or-bracket");
      at += 1;
      space();
    }
  };
  const value = (depth) => {
    if (depth > DEEPEST) fail("depth");
    space();
    const start = at;
    switch (text[at]) {
      case undefined:
        return fail("end");
      case "{": {
        const members = list("}", () => {
          if (text[at] !== '"') fail("name");
          const name = JSON.parse(slice(text, token("string", STRING)));
          space();
          if (text[at] !== ":") fail("colon");
          at += 1;
          return { name, value: value(depth + 1) };
        });
        return { kind: "object", start, end: at, members };
      }
      case "[": {
        const items = list("]", () => value(depth + 1));
        return { kind: "array", start, end: at, items };
      }
      case '"':
        return token("string", STRING);
      case "t":
      case "f":
      case "n":
        return token("word", WORD);
      default:
        if (!/[-0-9]/.test(text[at])) fail("value");
        return token("number", NUMBER);
    }
  };
  const node = value(0);
  space();
  if (at < text.length) fail("rest");
  return node;
}

/** The part of a text that a node is of. */
export function slice(text, node) {
  return text.slice(node.start, node.end);
}

/** The value of a node. An integer that no number of JavaScript holds is a BigInt. */
export function valueOf(text, node) {
  switch (node.kind) {
    case "object": {
      // Not a literal: a member may be called __proto__.
      const entries = node.members.map(({ name, value }) => [name, valueOf(text, value)]);
      return Object.fromEntries(entries);
    }
    case "array":
      return node.items.map((item) => valueOf(text, item));
    case "number": {
      const digits = slice(text, node);
      const number = Number(digits);
      return /^-?[0-9]+$/.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
    }
    default:
      return JSON.parse(slice(text, node));
  }
}

/** The value of a text. */
export function parse(text) {
  return valueOf(text, read(text));
}

/** A text with indents: every name, text and number as it stands. The text itself where it is no JSON. */
export function indented(text) {
  let root;
  try {
    root = read(text);
  } catch (fault) {
    if (fault instanceof Fault) return text;
    throw fault;
  }
  const shown = (node, indent) => {
    const deeper = `${indent}  `;
    const around = (open, close, parts) =>
      parts.length === 0 ? open + close : `${open}\n${parts.map((part) => deeper + part).join(",\n")}\n${indent}${close}`;
    switch (node.kind) {
      case "object":
        return around("{", "}", node.members.map(({ name, value }) => `${JSON.stringify(name)}: ${shown(value, deeper)}`));
      case "array":
        return around("[", "]", node.items.map((item) => shown(item, deeper)));
      default:
        return slice(text, node);
    }
  };
  return shown(root, "");
}

/** The text of a member of the object at the top, without the quotes of a string. Null where it is not there. */
export function member(text, name) {
  const root = read(text);
  if (root.kind !== "object") return null;
  const found = root.members.findLast((one) => one.name === name);
  if (found === undefined) return null;
  const { value } = found;
  return value.kind === "string" ? JSON.parse(slice(text, value)) : slice(text, value);
}

/** A text in which members of the object at the top have other texts. Those that are not there are not added. */
export function replaced(text, changes) {
  const root = read(text);
  if (root.kind !== "object") return text;
  const found = root.members.filter(({ name }) => Object.hasOwn(changes, name));
  return found.reverse().reduce((rest, { name, value }) => {
    const now = JSON.stringify(changes[name]);
    return rest.slice(0, value.start) + now + rest.slice(value.end);
  }, text);
}
