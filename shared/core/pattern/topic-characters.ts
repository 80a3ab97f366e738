// Topic characters
//
// What a regular expression can say of one character, reduced to the characters
// that Kafka allows in a topic's name: any class of Java's is a subset of these.

export type TopicCharacters = ReadonlySet<string>;

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGIT = "0123456789";

const setOf = (characters: string): TopicCharacters => new Set(characters);

export const LOWER_CASE = setOf(LOWER);
export const UPPER_CASE = setOf(UPPER);
export const LETTERS = setOf(LOWER + UPPER);
export const DIGITS = setOf(DIGIT);
export const HEX_DIGITS = setOf(`${DIGIT}abcdefABCDEF`);
export const LETTERS_AND_DIGITS = LETTERS.union(DIGITS);
export const PUNCTUATION = setOf("._-");
export const WORD_CHARACTERS = LETTERS_AND_DIGITS.union(setOf("_"));
export const ALL_CHARACTERS = LETTERS_AND_DIGITS.union(PUNCTUATION);
export const NO_CHARACTERS: TopicCharacters = new Set();

export function complementOf(characters: TopicCharacters): TopicCharacters {
  return ALL_CHARACTERS.difference(characters);
}

const EACH = new Map([...ALL_CHARACTERS].map((one) => [one.charCodeAt(0), setOf(one)]));

/** The character with the code point; none where no topic's name may hold it. */
export function onlyCharacter(codePoint: number): TopicCharacters {
  return EACH.get(codePoint) ?? NO_CHARACTERS;
}

/** Those from one code point to another, both included. */
export function charactersBetween(first: number, last: number): TopicCharacters {
  return new Set([...ALL_CHARACTERS].filter((one) => one.charCodeAt(0) >= first && one.charCodeAt(0) <= last));
}

/** With each letter also in the other case, as Java's CASE_INSENSITIVE does for ASCII. */
export function inBothCases(characters: TopicCharacters): TopicCharacters {
  return new Set([...characters].flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()]));
}
