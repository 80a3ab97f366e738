// Parse pattern
//
// The syntax of java.util.regex.Pattern (Java 17). What it has and a topic pattern
// cannot mean (references back, comments, Unicode's case rules) is refused by name.

import { parseClass } from "./pattern-class.ts";
import { parseEscape } from "./pattern-escape.ts";
import { hasPlainLength, type PatternNode } from "./pattern-node.ts";
import { PatternText } from "./pattern-text.ts";
import { ALL_CHARACTERS, inBothCases, onlyCharacter } from "./topic-characters.ts";

/** Groups within groups. */
const MAX_DEPTH = 100;
/** Java's own bound of a repetition. */
const MAX_REPETITIONS = 2_147_483_647;

interface ParserState {
  readonly text: PatternText;
  readonly groupNames: Set<string>;
  /** Set by (?i), up to the end of its group. */
  ignoresCase: boolean;
  depth: number;
}

/** Throws ConfigurationError, with the place, for a pattern that Java would refuse or that cannot be kept exactly. */
export function parsePattern(pattern: string): PatternNode {
  const text = new PatternText(pattern);
  const node = parseChoice({ text, groupNames: new Set(), ignoresCase: false, depth: 0 });
  if (!text.isAtEnd) {
    throw text.error("a ) closes no group");
  }
  return node;
}

/** Up to the end of the group or of the pattern. */
function parseChoice(state: ParserState): PatternNode {
  const first = parseSequence(state);
  const options = [first];
  while (state.text.take("|")) {
    options.push(parseSequence(state));
  }
  return options.length === 1 ? first : { kind: "choice", options };
}

function parseSequence(state: ParserState): PatternNode {
  const { text } = state;
  const parts: PatternNode[] = [];
  while (!text.isAtEnd && !text.isNext("|") && !text.isNext(")")) {
    const atom = parseAtom(state);
    if (atom !== undefined) {
      parts.push(parseRepetition(state, atom));
    }
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "sequence", parts };
}

/** Undefined for flags, which match nothing and cannot be repeated. */
function parseAtom(state: ParserState): PatternNode | undefined {
  const { text } = state;
  if (text.take("(")) {
    return parseGroup(state);
  }
  if (text.take("[")) {
    return { kind: "characters", characters: parseClass(state) };
  }
  if (text.take("\\")) {
    const escaped = parseEscape(state);
    switch (escaped.kind) {
      case "node":
        return escaped.node;
      case "characters":
        return escaped;
      case "character":
        return literal(state, escaped.codePoint);
    }
  }
  if (text.take("^")) {
    return { kind: "start" };
  }
  if (text.take("$")) {
    return { kind: "end" };
  }
  if (text.take(".")) {
    return { kind: "characters", characters: ALL_CHARACTERS };
  }
  for (const sign of ["*", "+", "?", "{"]) {
    if (text.isNext(sign)) {
      throw text.error(`nothing stands before ${sign} that it could repeat`);
    }
  }
  return literal(state, text.takeAny("a character").text.codePointAt(0) ?? 0);
}

function literal({ ignoresCase }: ParserState, codePoint: number): PatternNode {
  const characters = onlyCharacter(codePoint);
  return { kind: "characters", characters: ignoresCase ? inBothCases(characters) : characters };
}

/** Behind the opening parenthesis. */
function parseGroup(state: ParserState): PatternNode | undefined {
  const { text, ignoresCase } = state;
  const opening = openGroup(state);
  if (opening === "flags") {
    return undefined;
  }
  state.depth += 1;
  if (state.depth > MAX_DEPTH) {
    throw text.error(`its groups are nested more than ${MAX_DEPTH} deep`);
  }
  const body = parseChoice(state);
  if (!text.take(")")) {
    throw text.error("a group ( is not closed");
  }
  state.depth -= 1;
  state.ignoresCase = ignoresCase;
  if (opening === "group") {
    return body;
  }
  if (opening.kind === "behind" && !hasPlainLength(body)) {
    throw text.error("a look behind, (?<= or (?<!, takes no *, +, {n,} and no repeated group");
  }
  return { ...opening, body };
}

type Opening = "group" | "flags" | { readonly kind: "ahead" | "behind"; readonly isNegative: boolean };

function openGroup(state: ParserState): Opening {
  const { text, groupNames } = state;
  if (!text.take("?")) {
    return "group";
  }
  if (text.take(":")) {
    return "group";
  }
  if (text.isNext(">")) {
    throw text.error("an atomic group (?> is not taken in a topic pattern; write it as a group (?:");
  }
  const [, behind, sign] = text.takeMatch(/^(<?)([=!])/) ?? [];
  if (sign !== undefined) {
    return { kind: behind === "<" ? "behind" : "ahead", isNegative: sign === "!" };
  }
  const [, name] = text.takeMatch(/^<([a-zA-Z][a-zA-Z0-9]*)>/) ?? [];
  if (name === undefined) {
    return takeFlags(state);
  }
  if (groupNames.has(name)) {
    throw text.error(`two groups are named ${name}`);
  }
  groupNames.add(name);
  return "group";
}

/** `i` and its end by `-`; `d`, `m` and `s` change nothing, since no name has an end of a line in it. */
function takeFlags(state: ParserState): Opening {
  const { text } = state;
  const [, on = "", off = "", end] = text.takeMatch(/^([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/) ?? [];
  const unknown = Array.from(on + off).find((flag) => !"dims".includes(flag));
  if (end === undefined) {
    throw text.error("what follows (? is no group, and no flags, of Java's");
  }
  if (unknown !== undefined) {
    throw text.error(`the flag ${unknown} in (?${on} is not taken in a topic pattern; those taken are i, d, m and s`);
  }
  state.ignoresCase = off.includes("i") ? false : on.includes("i") || state.ignoresCase;
  return end === ":" ? "group" : "flags";
}

function parseRepetition({ text }: ParserState, body: PatternNode): PatternNode {
  const bounds = takeBounds(text);
  if (bounds === undefined) {
    return body;
  }
  // Whether it takes more or fewer first makes no difference to which whole names match.
  const isLazy = text.take("?");
  const isPossessive = !isLazy && text.take("+");
  if (isPossessive && body.kind !== "characters") {
    throw text.error("a possessive +, as in *+, is taken behind one character or class only; leave it out");
  }
  return { kind: "repetition", body, ...bounds, isPossessive };
}

function takeBounds(text: PatternText): { readonly min: number; readonly max: number } | undefined {
  if (text.take("?")) {
    return { min: 0, max: 1 };
  }
  if (text.take("*")) {
    return { min: 0, max: Number.POSITIVE_INFINITY };
  }
  if (text.take("+")) {
    return { min: 1, max: Number.POSITIVE_INFINITY };
  }
  if (!text.isNext("{")) {
    return undefined;
  }
  const [, least, comma, most] = text.takeMatch(/^\{(\d{1,10})(,?)(\d{0,10})\}/) ?? [];
  const min = least === undefined ? Number.NaN : Number(least);
  const max = comma === "" ? min : most === "" ? Number.POSITIVE_INFINITY : Number(most);
  if (!(min <= max && min <= MAX_REPETITIONS && (max <= MAX_REPETITIONS || max === Number.POSITIVE_INFINITY))) {
    throw text.error("expected {n}, {n,} or {n,m}");
  }
  return { min, max };
}
