// Character properties
//
// What \p{…} of java.util.regex means within a topic's name. A property that is
// not listed here is refused: many of Java's have no letter of the names in them.

import {
  ALL_CHARACTERS,
  DIGITS,
  HEX_DIGITS,
  LETTERS,
  LETTERS_AND_DIGITS,
  LOWER_CASE,
  NO_CHARACTERS,
  PUNCTUATION,
  type TopicCharacters,
  UPPER_CASE,
  WORD_CHARACTERS,
} from "./topic-characters.ts";

/** POSIX's and Java's own, which no prefix stands before. */
const PLAIN: Readonly<Record<string, TopicCharacters>> = {
  Lower: LOWER_CASE,
  Upper: UPPER_CASE,
  ASCII: ALL_CHARACTERS,
  Alpha: LETTERS,
  Digit: DIGITS,
  Alnum: LETTERS_AND_DIGITS,
  Punct: PUNCTUATION,
  Graph: ALL_CHARACTERS,
  Print: ALL_CHARACTERS,
  Blank: NO_CHARACTERS,
  Cntrl: NO_CHARACTERS,
  XDigit: HEX_DIGITS,
  Space: NO_CHARACTERS,
  javaLowerCase: LOWER_CASE,
  javaUpperCase: UPPER_CASE,
  javaTitleCase: NO_CHARACTERS,
  javaAlphabetic: LETTERS,
  javaLetter: LETTERS,
  javaDigit: DIGITS,
  javaLetterOrDigit: LETTERS_AND_DIGITS,
  javaJavaIdentifierStart: LETTERS.union(new Set("_")),
  javaJavaIdentifierPart: WORD_CHARACTERS,
  javaWhitespace: NO_CHARACTERS,
  javaSpaceChar: NO_CHARACTERS,
  javaISOControl: NO_CHARACTERS,
  L1: ALL_CHARACTERS,
  all: ALL_CHARACTERS,
};

/** Unicode's general categories, also after Is, gc= and general_category=. */
const CATEGORIES: Readonly<Record<string, TopicCharacters>> = {
  L: LETTERS,
  Lu: UPPER_CASE,
  Ll: LOWER_CASE,
  LC: LETTERS,
  LD: LETTERS_AND_DIGITS,
  N: DIGITS,
  Nd: DIGITS,
  P: PUNCTUATION,
  Pc: new Set("_"),
  Pd: new Set("-"),
  Po: new Set("."),
  ...Object.fromEntries(
    "Lt Lm Lo M Mn Mc Me Nl No Ps Pe Pi Pf S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co Cs Cn"
      .split(" ")
      .map((name) => [name, NO_CHARACTERS]),
  ),
};

/** Unicode's binary properties and scripts after Is, in capitals: Java takes them in any case. */
const UNICODE: Readonly<Record<string, TopicCharacters>> = {
  ALPHABETIC: LETTERS,
  LETTER: LETTERS,
  LOWERCASE: LOWER_CASE,
  UPPERCASE: UPPER_CASE,
  TITLECASE: NO_CHARACTERS,
  DIGIT: DIGITS,
  HEX_DIGIT: HEX_DIGITS,
  PUNCTUATION,
  CONTROL: NO_CHARACTERS,
  WHITE_SPACE: NO_CHARACTERS,
  LATIN: LETTERS,
  COMMON: DIGITS.union(PUNCTUATION),
};

/** Each is every letter where case is ignored. */
const CASED =
  /^(?:Lower|Upper|java(?:Lower|Upper|Title)Case|(?:Is|gc=|general_category=)?L[ult]|Is(?:lower|upper|title)case)$/i;

/** Undefined for a property that is not known here. */
export function charactersOfProperty(name: string, ignoresCase: boolean): TopicCharacters | undefined {
  const [, prefix = "", rest = name] = /^(Is|gc=|general_category=)(.*)$/.exec(name) ?? [];
  const plain = prefix === "" ? of(PLAIN, name) : undefined;
  const unicode = prefix === "Is" ? of(UNICODE, rest.toUpperCase()) : undefined;
  const characters = of(CATEGORIES, rest) ?? plain ?? unicode;
  return characters !== undefined && ignoresCase && CASED.test(name) ? LETTERS : characters;
}

function of(table: Readonly<Record<string, TopicCharacters>>, key: string): TopicCharacters | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
