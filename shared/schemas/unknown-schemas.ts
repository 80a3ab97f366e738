// Unknown schemas
//
// A producer registers a schema with one replica of a registry and writes with it at once. Another replica, which is
// asked here, may hear of it seconds later.
//
//   UNS1  An id that a registry does not know is asked for again after each of UNKNOWN_SCHEMA_PAUSES_MS, before
//         it is held against a record. That the registry is down meanwhile is an outage.
//   UNS2  Within UNKNOWN_SCHEMA_TTL_MS at most MAX_VAIN_WAITS ids are waited for in vain: a flood of bad records
//         is no flood of waits.

import { UndecodableError, UnusableSchemaError } from "../core/decode/decode-errors.ts";
import { MAX_VAIN_WAITS, UNKNOWN_SCHEMA_PAUSES_MS, UNKNOWN_SCHEMA_TTL_MS } from "./limits.ts";
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

/** The same `fetchSchema` with patience for what it rejects with UnknownSchemaError, also of what a schema refers to. */
export function withPatience(fetchSchema: FetchSchema, { now, pause }: Patience): FetchSchema {
  /** When each began that goes on, or was in vain. */
  const waits = new Set<{ readonly begunAt: number }>();
  const begin = () => {
    for (const wait of waits) {
      if (now() - wait.begunAt >= UNKNOWN_SCHEMA_TTL_MS) {
        waits.delete(wait);
      }
    }
    const wait = { begunAt: now() };
    return waits.size < MAX_VAIN_WAITS && waits.add(wait) ? wait : undefined;
  };
  return async (id) => {
    const first = await unlessUnknown(fetchSchema(id));
    if ("schema" in first) {
      return first.schema;
    }
    const wait = begin();
    if (wait === undefined) {
      throw first.error;
    }
    try {
      for (const pauseMs of UNKNOWN_SCHEMA_PAUSES_MS) {
        await pause(pauseMs);
        const later = await unlessUnknown(fetchSchema(id));
        if ("schema" in later) {
          waits.delete(wait);
          return later.schema;
        }
      }
    } catch (error) {
      waits.delete(wait);
      throw error;
    }
    throw first.error;
  };
}

/** Rejects with whatever else goes wrong. */
async function unlessUnknown(
  fetched: Promise<RegisteredSchema>,
): Promise<{ readonly schema: RegisteredSchema } | { readonly error: unknown }> {
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
