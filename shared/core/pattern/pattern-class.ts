// Pattern class
//
// [abc], [^a-z], [a-z&&[^b]]: a class of java.util.regex. && binds weaker than what
// stands side by side, except that a nested class to its right ends with its own
// bracket; ^ negates the whole class, intersections included (since Java 9).

import { type EscapeContext, parseEscape } from "./pattern-escape.ts";
import {
  charactersBetween,
  complementOf,
  inBothCases,
  NO_CHARACTERS,
  type TopicCharacters,
} from "./topic-characters.ts";

const VERTICAL_TAB = 0x0b;

/** Behind the opening bracket, up to the closing one. */
export function parseClass(context: EscapeContext): TopicCharacters {
  const { text } = context;
  const isNegated = text.take("^");
  const characters = parseBody(context);
  if (!text.take("]")) {
    throw text.error("a class [ is not closed");
  }
  return isNegated ? complementOf(characters) : characters;
}

/** Up to the closing bracket, which stands for itself where a class begins. */
function parseBody(context: EscapeContext): TopicCharacters {
  const { text } = context;
  let characters: TopicCharacters | undefined;
  let isIntersected = false;
  while (!text.isAtEnd && (characters === undefined || !text.isNext("]"))) {
    if (isIntersected && !text.isNext("&&")) {
      throw text.error("behind && and a class in brackets comes && or the end");
    }
    if (text.take("&&")) {
      isIntersected = true;
      const right = parseRightSide(context);
      characters = characters?.intersection(right) ?? right;
    } else {
      const item = text.take("[") ? parseClass(context) : parseItem(context);
      characters = characters?.union(item) ?? item;
    }
  }
  return characters ?? NO_CHARACTERS;
}

function parseRightSide(context: EscapeContext): TopicCharacters {
  const { text } = context;
  let characters: TopicCharacters | undefined;
  while (!text.isAtEnd && !text.isNext("]") && !text.isNext("&")) {
    const item = text.take("[") ? parseClass(context) : parseBody(context);
    characters = characters?.union(item) ?? item;
  }
  if (characters === undefined) {
    throw text.error("nothing stands behind && in a class");
  }
  return characters;
}

/** A character, a range, or what an escape stands for. */
function parseItem(context: EscapeContext): TopicCharacters {
  const { text, ignoresCase } = context;
  const first = parseMember(context);
  if (typeof first !== "number") {
    return first;
  }
  const isRange = text.isNext("-") && !text.isNext("-[") && !text.isNext("-]");
  let last = first;
  if (isRange && text.take("-")) {
    const end = parseMember(context);
    if (typeof end !== "number" || end < first) {
      throw text.error("a range in a class ends before it begins");
    }
    last = end;
  }
  const characters = charactersBetween(first, last);
  return ignoresCase ? inBothCases(characters) : characters;
}

/** A code point, or the characters of a predefined class. */
function parseMember(context: EscapeContext): number | TopicCharacters {
  const { text } = context;
  if (!text.take("\\")) {
    return text.takeAny("a character of the class").text.codePointAt(0) ?? 0;
  }
  if (text.takeMatch(/^v(?=-)/) !== undefined) {
    // At the beginning of a range Java still reads the one character that \v once was.
    return VERTICAL_TAB;
  }
  const escaped = parseEscape(context);
  if (escaped.kind === "node") {
    throw text.error("a class holds characters; \\b, \\R and the like stand outside");
  }
  return escaped.kind === "character" ? escaped.codePoint : escaped.characters;
}
