// Forgotten gaps
//
// Ranges that were closed without being processed, and that the table has forgotten since: nobody can say any more
// that a store's position, which stands before them, is not behind. The chain halts then, for an operator to decide.

import type { Item } from "../table/expressions.ts";
import { type RangeView, viewRange } from "./range-view.ts";

type Chain = Pick<RangeView, "topicId" | "partition">;

export class ForgottenGaps {
  readonly #chains = new Set<string>();

  note(item: Item): void {
    const range = viewRange(item);
    if (range !== undefined && range.committedOffset < range.untilOffset) {
      this.#chains.add(nameOf(range));
    }
  }

  has(chain: Chain): boolean {
    return this.#chains.has(nameOf(chain));
  }
}

function nameOf({ topicId, partition }: Chain): string {
  return `${topicId}-${partition}`;
}
