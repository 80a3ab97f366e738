// Pattern escape
//
// What follows a backslash in java.util.regex. An escape that Java does not know
// is refused, as Java does: a letter never stands for itself.

import { charactersOfProperty } from "./character-properties.ts";
import type { PatternNode } from "./pattern-node.ts";
import type { PatternText } from "./pattern-text.ts";
import {
  ALL_CHARACTERS,
  complementOf,
  DIGITS,
  NO_CHARACTERS,
  type TopicCharacters,
  WORD_CHARACTERS,
} from "./topic-characters.ts";

export type PatternEscape =
  /** One character, by its code point. */
  | { readonly kind: "character"; readonly codePoint: number }
  | { readonly kind: "characters"; readonly characters: TopicCharacters }
  /** Not in a class. */
  | { readonly kind: "node"; readonly node: PatternNode };

const MAX_CODE_POINT = 0x10_ff_ff;

const CODE_POINTS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

/** Blanks and ends of lines stand in no topic's name. */
const CLASSES: Readonly<Record<string, TopicCharacters>> = {
  d: DIGITS,
  D: complementOf(DIGITS),
  w: WORD_CHARACTERS,
  W: complementOf(WORD_CHARACTERS),
  h: NO_CHARACTERS,
  H: ALL_CHARACTERS,
  s: NO_CHARACTERS,
  S: ALL_CHARACTERS,
  v: NO_CHARACTERS,
  V: ALL_CHARACTERS,
};

const NODES: Readonly<Record<string, PatternNode>> = {
  A: { kind: "start" },
  G: { kind: "start" },
  z: { kind: "end" },
  Z: { kind: "end" },
  b: { kind: "boundary", isNegative: false },
  B: { kind: "boundary", isNegative: true },
  R: { kind: "characters", characters: NO_CHARACTERS },
};

export interface EscapeContext {
  readonly text: PatternText;
  readonly ignoresCase: boolean;
}

/** Behind the backslash. Throws ConfigurationError for what Java, or a topic pattern, does not know. */
export function parseEscape({ text, ignoresCase }: EscapeContext): PatternEscape {
  for (const refused of ["N", "X", "b{"]) {
    if (text.isNext(refused)) {
      throw text.error(`\\${refused} is not taken in a topic pattern`);
    }
  }
  const [reference] = text.takeMatch(/^(?:[1-9]|k)/) ?? [];
  if (reference !== undefined) {
    throw text.error(`\\${reference} refers back to a group, which is not taken in a topic pattern`);
  }
  const codePoint = takeCodePoint(text);
  if (codePoint !== undefined) {
    return { kind: "character", codePoint };
  }
  const { text: letter } = text.takeAny("what a backslash escapes");
  if (letter === "p" || letter === "P") {
    const characters = takeProperty(text, ignoresCase);
    return { kind: "characters", characters: letter === "p" ? characters : complementOf(characters) };
  }
  const characters = Object.hasOwn(CLASSES, letter) ? CLASSES[letter] : undefined;
  if (characters !== undefined) {
    return { kind: "characters", characters };
  }
  const node = Object.hasOwn(NODES, letter) ? NODES[letter] : undefined;
  if (node !== undefined) {
    return { kind: "node", node };
  }
  if (/^[a-zA-Z]$/.test(letter)) {
    throw text.error(`Java knows no escape \\${letter}`);
  }
  return { kind: "character", codePoint: letter.codePointAt(0) ?? 0 };
}

/** The escapes that say a character by its number. */
function takeCodePoint(text: PatternText): number | undefined {
  if (text.take("c")) {
    return (text.takeAny("a control character's letter").text.codePointAt(0) ?? 0) ^ 64;
  }
  if (text.isNext("0")) {
    const [, octal] = text.takeMatch(/^0([0-3][0-7]{2}|[0-7]{1,2})/) ?? [];
    return required(text, octal, { radix: 8, what: "\\0 with one to three octal digits" });
  }
  if (text.isNext("u")) {
    // Two escapes of one character beyond 16 bits, or one.
    const [, high, low, one] =
      text.takeMatch(/^u(?:([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|([\da-fA-F]{4}))/) ?? [];
    return high === undefined || low === undefined
      ? required(text, one, { radix: 16, what: "\\u with four hexadecimal digits" })
      : String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)).codePointAt(0);
  }
  if (text.isNext("x")) {
    const [, braced, plain] = text.takeMatch(/^x(?:\{([\da-fA-F]{1,100})\}|([\da-fA-F]{2}))/) ?? [];
    return required(text, braced ?? plain, {
      radix: 16,
      what: "\\x with two hexadecimal digits, or a code point in braces",
    });
  }
  const letter = Object.keys(CODE_POINTS).find((one) => text.take(one));
  return letter === undefined ? undefined : CODE_POINTS[letter];
}

function required(
  text: PatternText,
  digits: string | undefined,
  { radix, what }: { readonly radix: number; readonly what: string },
): number {
  const codePoint = digits === undefined ? Number.NaN : Number.parseInt(digits, radix);
  if (!(codePoint <= MAX_CODE_POINT)) {
    throw text.error(`expected ${what}`);
  }
  return codePoint;
}

function takeProperty(text: PatternText, ignoresCase: boolean): TopicCharacters {
  const [, braced, letter] = text.takeMatch(/^(?:\{([\w=. -]{1,100})\}|([a-zA-Z]))/) ?? [];
  const name = braced ?? letter;
  if (name === undefined) {
    throw text.error("expected a property, as in \\p{Lower}");
  }
  const characters = charactersOfProperty(name, ignoresCase);
  if (characters === undefined) {
    throw text.error(`\\p{${name}} is not taken in a topic pattern`);
  }
  return characters;
}
