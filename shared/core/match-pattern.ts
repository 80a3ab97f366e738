// Match pattern
//
// Whether a pattern matches a whole name. All ways through the pattern are followed
// at once, as the set of positions that they have come to: which one is tried first
// decides nothing, since no pattern that is taken keeps what it found first.
//
//   M1  The time is bounded by a polynomial of the lengths: no name and no pattern
//       makes it try for ever, as an expression that goes back may.

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
  readonly #length: number;
  readonly #byCharacter = new Map<string, Positions>();
  readonly #byCharacters = new Map<TopicCharacters, Positions>();

  constructor(name: string) {
    this.#length = name.length;
    this.end = START << BigInt(name.length);
    for (const [index, character] of [...name].entries()) {
      this.#byCharacter.set(character, (this.#byCharacter.get(character) ?? NOWHERE) | (START << BigInt(index)));
    }
  }

  /** Where the node's matches end that begin at one of the positions. */
  advance(node: PatternNode, from: Positions): Positions {
    switch (node.kind) {
      case "characters":
        return (from & this.#before(node.characters)) << 1n;
      case "sequence":
        return this.#advanceAll(node.parts, from);
      case "choice":
        return node.options.reduce((ends, option) => ends | this.advance(option, from), NOWHERE);
      case "repetition":
        return node.isPossessive ? this.#repeatToTheLast(node, from) : this.#repeat(node, from);
      case "ahead":
        return keep(from, (one) => (this.advance(node.body, one) !== NOWHERE) !== node.isNegative);
      case "behind": {
        const everywhere = (this.end << 1n) - 1n;
        return select(from, this.advance(node.body, everywhere), node.isNegative);
      }
      case "start":
        return from & START;
      case "end":
        return from & this.end;
      case "boundary": {
        const words = this.#before(WORD_CHARACTERS);
        return select(from, words ^ (words << 1n), node.isNegative);
      }
    }
  }

  #advanceAll(parts: readonly PatternNode[], from: Positions): Positions {
    let positions = from;
    for (const part of parts) {
      if (positions === NOWHERE) {
        break;
      }
      positions = this.advance(part, positions);
    }
    return positions;
  }

  #repeat({ body, min, max }: Repetition, from: Positions): Positions {
    let going = from;
    let ended = NOWHERE;
    // So many iterations come through the whole name.
    for (let count = 0; count < Math.min(min, this.#length + 1); count += 1) {
      // An iteration that matches nothing is the last one, as in Java, however many are asked for.
      const idle = min > 1 ? keep(going, (one) => (this.advance(body, one) & one) !== NOWHERE) : NOWHERE;
      ended |= idle;
      going = idle === NOWHERE ? this.advance(body, going) : this.#advanceEach(body, going);
    }
    let reached = going;
    for (let count = min; count < max && going !== NOWHERE; count += 1) {
      going = this.advance(body, going) & ~reached;
      reached |= going;
    }
    return ended | reached;
  }

  /** Without the matches that are empty. */
  #advanceEach(node: PatternNode, from: Positions): Positions {
    let ends = NOWHERE;
    for (const one of eachOf(from)) {
      ends |= this.advance(node, one) & ~one;
    }
    return ends;
  }

  /** As many as there are, and no fewer. */
  #repeatToTheLast({ body, min, max }: Repetition, from: Positions): Positions {
    let going = from;
    let ends = NOWHERE;
    for (let count = 0; count <= this.#length + 1 && going !== NOWHERE; count += 1) {
      const next = count < max ? this.advance(body, going) : NOWHERE;
      ends |= count < min ? NOWHERE : going & ~(next >> 1n);
      going = next;
    }
    return ends;
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

function select(from: Positions, those: Positions, isNegative: boolean): Positions {
  return from & (isNegative ? ~those : those);
}

function keep(from: Positions, isKept: (one: Positions) => boolean): Positions {
  return eachOf(from).reduce((kept, one) => (isKept(one) ? kept | one : kept), NOWHERE);
}

function eachOf(positions: Positions): readonly Positions[] {
  const each: Positions[] = [];
  for (let one = START; one <= positions; one <<= 1n) {
    if ((positions & one) !== NOWHERE) {
      each.push(one);
    }
  }
  return each;
}
