// Pattern text
//
// The characters of a pattern, one after the other, with what \Q…\E made literal.

import { ConfigurationError } from "../errors.ts";

export interface PatternCharacter {
  readonly text: string;
  /** Within \Q…\E: it stands for itself. */
  readonly isQuoted: boolean;
  /** From 0, in the pattern as it was given. */
  readonly at: number;
}

/** The longest piece of syntax that is taken at once: a name in braces or brackets. */
const MAX_TAKEN_LENGTH = 200;

export class PatternText {
  readonly #length: number;
  readonly #characters: readonly PatternCharacter[];
  #next = 0;

  constructor(pattern: string) {
    this.#length = pattern.length;
    this.#characters = unquote(pattern);
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#characters.length;
  }

  /** Takes `text` if it comes next and is not quoted. */
  take(text: string): boolean {
    const found = this.isNext(text);
    this.#next += found ? text.length : 0;
    return found;
  }

  isNext(text: string): boolean {
    return Array.from(text).every((one, index) => this.#isSyntax(this.#characters[this.#next + index], one));
  }

  /** Takes the next character whatever it is. */
  takeAny(what: string): PatternCharacter {
    const found = this.#characters[this.#next];
    if (found === undefined) {
      throw this.error(`it ends where ${what} is expected`);
    }
    this.#next += 1;
    return found;
  }

  /** Takes what the expression, which begins with ^, matches of the syntax that follows. */
  takeMatch(expression: RegExp): readonly string[] | undefined {
    const rest = this.#characters.slice(this.#next, this.#next + MAX_TAKEN_LENGTH);
    const quoted = rest.findIndex(({ isQuoted }) => isQuoted);
    const syntax = (quoted < 0 ? rest : rest.slice(0, quoted)).map(({ text }) => text);
    const found = expression.exec(syntax.join(""));
    if (found === null) {
      return undefined;
    }
    this.#next += Array.from(found[0]).length;
    return found;
  }

  /** About what comes next. */
  error(problem: string): ConfigurationError {
    const at = this.#characters[this.#next]?.at ?? this.#length;
    return new ConfigurationError(`${problem}, at character ${at + 1}`);
  }

  #isSyntax(character: PatternCharacter | undefined, text: string): boolean {
    return character !== undefined && !character.isQuoted && character.text === text;
  }
}

function unquote(pattern: string): readonly PatternCharacter[] {
  const characters: PatternCharacter[] = [];
  let isQuoted = false;
  for (let at = 0; at < pattern.length; ) {
    const pair = pattern.slice(at, at + 2);
    if (pair === (isQuoted ? "\\E" : "\\Q")) {
      isQuoted = !isQuoted;
      at += 2;
      continue;
    }
    // A backslash takes the next character with it: \\Q quotes nothing.
    const isEscape = !isQuoted && pair.length === 2 && pair.startsWith("\\");
    for (const text of isEscape ? Array.from(pattern.slice(at, at + 3)).slice(0, 2) : [codePointAt(pattern, at)]) {
      characters.push({ text, isQuoted, at });
      at += text.length;
    }
  }
  return characters;
}

function codePointAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}
