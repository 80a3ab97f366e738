// Unknown schemas
//
// A producer registers a schema with one replica of a registry and writes with it at once. Another replica, which is
// asked here, may hear of it seconds later.
//
//   UNS1  An id that a registry does not know is asked for again after each of UNKNOWN_SCHEMA_PAUSES_MS, before
//         it is held against a record. That the registry is down meanwhile is an outage.
//   UNS2  Once MAX_VAIN_WAITS ids were waited for in vain within UNKNOWN_SCHEMA_TTL_MS, the next ones are held against
//         their records at once: a flood of bad records is no flood of waits. A wait that goes on is not in vain yet,
//         and costs no other id its own.
//   UNS3  At most MAX_WAITS_AT_A_TIME ids are waited for at a time. One that queued behind them is asked for once
//         more, whatever became of them, before it is held against a record.

import { UndecodableError, UnusableSchemaError } from "../core/decode/decode-errors.ts";
import { MAX_VAIN_WAITS, MAX_WAITS_AT_A_TIME, UNKNOWN_SCHEMA_PAUSES_MS, UNKNOWN_SCHEMA_TTL_MS } from "./limits.ts";
import type { RegisteredSchema } from "./schema-registry.ts";

/** The registry's own word that it has no such schema. It may have it soon. */
export class UnknownSchemaError extends UndecodableError {}

/** The time that is waited by, and how. */
export interface Patience {
  /** In ms, from any beginning. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export const PATIENCE: Patience = {
  now: () => performance.now(),
  async pause(ms) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, ms);
    await promise;
  },
};

type FetchSchema = (id: string) => Promise<RegisteredSchema>;

type Answer = { readonly schema: RegisteredSchema } | { readonly error: unknown };

/** The same `fetchSchema` with patience for what it rejects with UnknownSchemaError, also of what a schema refers to. */
export function withPatience(fetchSchema: FetchSchema, { now, pause }: Patience): FetchSchema {
  const places = createPlaces(MAX_WAITS_AT_A_TIME);
  /** When each wait in vain ended. */
  let vainWaits: readonly number[] = [];

  const isFlood = () => {
    vainWaits = vainWaits.filter((endedAt) => now() - endedAt < UNKNOWN_SCHEMA_TTL_MS);
    return vainWaits.length >= MAX_VAIN_WAITS;
  };

  const ask = async (id: string): Promise<Answer> => unlessUnknown(fetchSchema(id));

  const askAgain = async (id: string, unknown: Answer): Promise<Answer> => {
    let answer = unknown;
    for (const pauseMs of UNKNOWN_SCHEMA_PAUSES_MS) {
      await pause(pauseMs);
      answer = await ask(id);
      if ("schema" in answer) {
        return answer;
      }
    }
    vainWaits = [...vainWaits, now()];
    return answer;
  };

  const askInTurn = async (id: string, unknown: Answer): Promise<Answer> => {
    const hasQueued = await places.take();
    try {
      const answer = hasQueued ? await ask(id) : unknown;
      return "schema" in answer || isFlood() ? answer : await askAgain(id, answer);
    } finally {
      places.leave();
    }
  };

  return async (id) => {
    const first = await ask(id);
    const answer = "schema" in first || isFlood() ? first : await askInTurn(id, first);
    if ("schema" in answer) {
      return answer.schema;
    }
    throw answer.error;
  };
}

/** In the order in which they were asked for. `take` says whether it had to queue. */
function createPlaces(count: number) {
  let free = count;
  const queue: (() => void)[] = [];
  return {
    async take(): Promise<boolean> {
      if (free > 0) {
        free -= 1;
        return false;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push(resolve);
      await promise;
      return true;
    },
    leave(): void {
      const next = queue.shift();
      if (next === undefined) {
        free += 1;
      } else {
        next();
      }
    },
  };
}

/** Rejects with whatever else goes wrong. */
async function unlessUnknown(fetched: Promise<RegisteredSchema>): Promise<Answer> {
  try {
    return { schema: await fetched };
  } catch (error) {
    const isReferred = error instanceof UnusableSchemaError && error.cause instanceof UnknownSchemaError;
    if (isReferred || error instanceof UnknownSchemaError) {
      return { error };
    }
    throw error;
  }
}
