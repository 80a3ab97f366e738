import type { TopicCharacters } from "./topic-characters.ts";

/**
 * A regular expression as a set of texts. What it captures, and which of several matches is found first, is not in it:
 * no pattern is taken that depends on either.
 */
export type PatternNode =
  | { readonly kind: "characters"; readonly characters: TopicCharacters }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | Repetition
  | { readonly kind: "ahead" | "behind"; readonly body: PatternNode; readonly isNegative: boolean }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "boundary"; readonly isNegative: boolean };

export interface Repetition {
  readonly kind: "repetition";
  readonly body: PatternNode;
  readonly min: number;
  /** Infinity where there is none. */
  readonly max: number;
  /** Takes as many as it can and gives none back; only of characters. */
  readonly isPossessive: boolean;
}

/** Whether Java sees how long its longest match is, as it must for a look behind. */
export function hasPlainLength(node: PatternNode): boolean {
  switch (node.kind) {
    case "sequence":
      return node.parts.every(hasPlainLength);
    case "choice":
      return node.options.every(hasPlainLength);
    case "repetition":
      return node.body.kind === "characters" && node.max < Number.POSITIVE_INFINITY;
    case "characters":
    case "ahead":
    case "behind":
    case "start":
    case "end":
    case "boundary":
      return true;
  }
}
