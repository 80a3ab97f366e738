// Bounded pattern
//
// The regular expressions of a JSON Schema, over texts that anybody may have written. JavaScript's engine goes back and
// forth in a text: of ^(a+)+$ it takes twice as long for each further character.
//
//   BPT1  An expression means what it means in JavaScript, as JSON Schema has it.
//   BPT2  One whose form and whose text's length let it take more than MAX_FREE_STEPS is ended after
//         MAX_VALIDATION_MS of the processor, and the record is refused. The others cost no more than a RegExp.

import { MAX_FREE_STEPS } from "../limits.ts";
import { runBounded } from "./run-bounded.ts";

export interface BoundedPattern {
  test(text: string): boolean;
  /** Of each expression another one: the library keeps them by it. */
  toString(): string;
}

/** Throws SyntaxError for an expression that is none. */
export function boundedPattern(source: string, flags: string): BoundedPattern {
  const expression = new RegExp(source, flags);
  const steps = stepsOf(source);
  return {
    test: (text) =>
      steps(text.length) <= MAX_FREE_STEPS
        ? expression.test(text)
        : runBounded(() => expression.test(text), `its schema's pattern ${expression}`),
    toString: () => String(expression),
  };
}

/** A backreference, an escaped character, a class, a group's beginning, a quantifier, or any other character. */
const TOKENS = /\\(?:[1-9]|k<)|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]?))?|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/** At most, by the length of a text; Infinity for what no power of it bounds. */
function stepsOf(source: string): (length: number) => number {
  let factor = 1;
  let power = source.startsWith("^") ? 0 : 1;
  /** Whether the groups that are open, and the one that ended just now, match a text in more than one way. */
  const open = [false];
  let ended = false;
  for (const [token] of source.matchAll(TOKENS)) {
    const wasAmbiguous = ended;
    ended = false;
    if (/^\\(?:[1-9]|k<)/.test(token)) {
      return () => Number.POSITIVE_INFINITY;
    }
    if (token.startsWith("(")) {
      open.push(false);
    } else if (token === ")") {
      ended = open.pop() ?? false;
      markLast(open, ended);
    } else if (token === "|") {
      factor *= 2;
      power = Math.max(power, 1);
      markLast(open, true);
    } else if (/^(?:[*+?]|\{\d)/.test(token)) {
      const [least, most] = timesOf(token);
      if (wasAmbiguous && most > 1) {
        return () => Number.POSITIVE_INFINITY;
      }
      if (most === Number.POSITIVE_INFINITY) {
        power += 1;
      } else {
        factor *= most - least + 1;
      }
      markLast(open, most > least);
    }
  }
  return (length) => factor * length ** power;
}

function markLast(open: boolean[], isAmbiguous: boolean): void {
  open.push((open.pop() ?? false) || isAmbiguous);
}

/** How often a quantifier takes what is before it, at least and at most. */
function timesOf(token: string): readonly [number, number] {
  switch (token[0]) {
    case "?":
      return [0, 1];
    case "*":
    case "+":
      return [0, Number.POSITIVE_INFINITY];
    default: {
      const [least = "0", most = least] = token.replace(/[{}?]/g, "").split(",");
      return [Number(least), most === "" ? Number.POSITIVE_INFINITY : Number(most)];
    }
  }
}
