// Match pattern
//
// Whether a pattern matches a whole name. All ways through the pattern are followed
// at once, as the set of positions that they have come to: which one is tried first
// decides nothing, since no pattern that is taken keeps what it found first.
//
//   MP1  The time is bounded by a polynomial of the lengths: no name and no pattern
//        makes it try for ever, as an expression that goes back may.
//   MP2  A repetition ends with an iteration that matches nothing, as in Java, however
//        many it asks for. Empty matches are therefore told from others.

import type { PatternNode, Repetition } from "./pattern-node.ts";
import { type TopicCharacters, WORD_CHARACTERS } from "./topic-characters.ts";

/** Bit n stands for the place before the character n, the one behind the last character included. */
type Positions = bigint;

const NOWHERE: Positions = 0n;
const START: Positions = 1n;

export function matchesPattern(pattern: PatternNode, name: string): boolean {
  const matching = new Matching(name);
  return (matching.advance(pattern, START) & matching.end) !== NOWHERE;
}

class Matching {
  readonly end: Positions;
  readonly #everywhere: Positions;
  readonly #byCharacter = new Map<string, Positions>();
  readonly #byCharacters = new Map<TopicCharacters, Positions>();
  readonly #empties = new Map<PatternNode, Positions>();
  /** What repetitions have come to: nested ones would do the same over and over. */
  readonly #repeated = new Map<Repetition, Map<Positions, Positions>>();

  constructor(name: string) {
    this.end = START << BigInt(name.length);
    this.#everywhere = (this.end << 1n) - 1n;
    for (const [index, character] of Array.from(name).entries()) {
      this.#byCharacter.set(character, (this.#byCharacter.get(character) ?? NOWHERE) | (START << BigInt(index)));
    }
  }

  /** Where the node's matches end that begin at one of the positions. */
  advance(node: PatternNode, from: Positions): Positions {
    return this.#move(node, from) | (from & this.#emptyAt(node));
  }

  /** Where its matches end that are not empty. */
  #move(node: PatternNode, from: Positions): Positions {
    if (from === NOWHERE) {
      return NOWHERE;
    }
    switch (node.kind) {
      case "characters":
        return (from & this.#before(node.characters)) << 1n;
      case "sequence":
        return this.#moveThrough(node.parts, from);
      case "choice":
        return node.options.reduce((ends, option) => ends | this.#move(option, from), NOWHERE);
      case "repetition":
        return this.#repeatOnce(node, from);
      case "ahead":
      case "behind":
      case "start":
      case "end":
      case "boundary":
        return NOWHERE;
    }
  }

  #moveThrough(parts: readonly PatternNode[], from: Positions): Positions {
    let resting = from;
    let moved = NOWHERE;
    for (const part of parts) {
      const empty = this.#emptyAt(part);
      moved = this.#move(part, moved | resting) | (moved & empty);
      resting &= empty;
      if (moved === NOWHERE && resting === NOWHERE) {
        break;
      }
    }
    return moved;
  }

  #repeatOnce(node: Repetition, from: Positions): Positions {
    const known = this.#repeated.get(node) ?? new Map<Positions, Positions>();
    this.#repeated.set(node, known);
    const ends = known.get(from) ?? (node.isPossessive ? this.#repeatToTheLast(node, from) : this.#repeat(node, from));
    known.set(from, ends);
    return ends;
  }

  #repeat({ body, min, max }: Repetition, from: Positions): Positions {
    let going = max === 0 ? NOWHERE : this.#move(body, from);
    let ended = NOWHERE;
    // None of these is empty: the name bounds how many there are.
    for (let count = 1; count < min && going !== NOWHERE; count += 1) {
      ended |= going & this.#emptyAt(body);
      going = this.#move(body, going);
    }
    let reached = going;
    for (let count = Math.max(min, 1); count < max && going !== NOWHERE; count += 1) {
      going = this.#move(body, going) & ~reached;
      reached |= going;
    }
    return ended | reached;
  }

  /** As many as there are, and no fewer. */
  #repeatToTheLast({ body, min, max }: Repetition, from: Positions): Positions {
    let going = from;
    let ends = NOWHERE;
    for (let count = 0; going !== NOWHERE; count += 1) {
      const next = count < max ? this.#move(body, going) : NOWHERE;
      ends |= count < Math.max(min, 1) ? NOWHERE : going & ~(next >> 1n);
      going = next;
    }
    return ends;
  }

  /** Where the node matches nothing, and does match. */
  #emptyAt(node: PatternNode): Positions {
    if (node.kind === "characters") {
      return NOWHERE;
    }
    const positions = this.#empties.get(node) ?? this.#findEmpty(node);
    this.#empties.set(node, positions);
    return positions;
  }

  #findEmpty(node: Exclude<PatternNode, { kind: "characters" }>): Positions {
    switch (node.kind) {
      case "sequence":
        return this.#emptyThrough(node.parts);
      case "choice":
        return node.options.reduce((positions, option) => positions | this.#emptyAt(option), NOWHERE);
      case "repetition":
        return this.#emptyRepetition(node);
      case "ahead":
        return this.#select((one) => this.advance(node.body, one) !== NOWHERE, node.isNegative);
      case "behind": {
        const behind = this.advance(node.body, this.#everywhere);
        return node.isNegative ? this.#everywhere & ~behind : behind;
      }
      case "start":
        return START;
      case "end":
        return this.end;
      case "boundary": {
        const words = this.#before(WORD_CHARACTERS);
        const boundaries = words ^ (words << 1n);
        return node.isNegative ? this.#everywhere & ~boundaries : boundaries;
      }
    }
  }

  #emptyThrough(parts: readonly PatternNode[]): Positions {
    let positions = this.#everywhere;
    for (const part of parts) {
      if (positions === NOWHERE) {
        break;
      }
      positions &= this.#emptyAt(part);
    }
    return positions;
  }

  #emptyRepetition({ body, min, max, isPossessive }: Repetition): Positions {
    if (max === 0) {
      return this.#everywhere;
    }
    if (min > 0) {
      return this.#emptyAt(body);
    }
    // A possessive one takes what there is.
    return isPossessive ? this.#select((one) => this.#move(body, one) === NOWHERE, false) : this.#everywhere;
  }

  #select(isSelected: (one: Positions) => boolean, isNegative: boolean): Positions {
    let positions = NOWHERE;
    for (let one = START; one <= this.end; one <<= 1n) {
      positions |= isSelected(one) === isNegative ? NOWHERE : one;
    }
    return positions;
  }

  /** The positions that one of the characters follows. */
  #before(characters: TopicCharacters): Positions {
    const known = this.#byCharacters.get(characters);
    if (known !== undefined) {
      return known;
    }
    let positions = NOWHERE;
    for (const [character, places] of this.#byCharacter) {
      positions |= characters.has(character) ? places : NOWHERE;
    }
    this.#byCharacters.set(characters, positions);
    return positions;
  }
}
