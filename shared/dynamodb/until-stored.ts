// Until stored
//
// Tries a write again while other writes are in its way, a bounded number of times.
//
//   try ──done──────> the answer
//    ^  ──overtaken─┐   decided anew, at once
//    │  ──contended─┤   after a pause
//    └──────────────┘

import { pauseWithFullJitter } from "../aws/full-jitter.ts";
import { LedgerUnavailableError } from "../core/errors.ts";
import { MAX_CHANGE_TRIES } from "../core/limits.ts";
import { CONTENTION_BACKOFF_BASE_MS, CONTENTION_BACKOFF_CAP_MS } from "./items/limits.ts";
import type { LedgerStore } from "./ledger-store.ts";

const CONTENTION_BACKOFF = { baseMs: CONTENTION_BACKOFF_BASE_MS, capMs: CONTENTION_BACKOFF_CAP_MS };

/** What came of one try. */
export type Try<Answer> =
  | { readonly kind: "done"; readonly answer: Answer }
  /** What is stored changed meanwhile; the next try is about that. */
  | { readonly kind: "overtaken" }
  /** Another write was under way; nothing was stored. */
  | { readonly kind: "contended" };

export function done<Answer>(answer: Answer): Try<Answer> {
  return { kind: "done", answer };
}

/**
 * The answer of the first try that is done. `what` says for messages what other writes were in the way
 * of; throws LedgerUnavailableError when they were in each of MAX_CHANGE_TRIES tries.
 */
export async function untilStored<Answer>(
  store: LedgerStore,
  what: string,
  tryToStore: () => Promise<Try<Answer>>,
): Promise<Answer> {
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await tryToStore();
    switch (outcome.kind) {
      case "done":
        return outcome.answer;
      case "overtaken":
        break;
      case "contended":
        await pauseWithFullJitter({ ...CONTENTION_BACKOFF, pauses: tries, random: store.random });
    }
  }
  throw new LedgerUnavailableError(`other writes were in the way of ${what} in each of ${MAX_CHANGE_TRIES} tries`);
}
