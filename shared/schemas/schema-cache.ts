// Schema cache
//
// What was made of the schemas that records name.
//
//   SCA1  A schema that several ask for at a time is asked for once.
//   SCA2  Neither what is kept nor what is known to be unknown grows beyond MAX_CACHED_SCHEMAS.
//   SCA3  That a registry does not answer is not remembered; that it does not know an id, or that nothing
//        can be made of its schema, is for UNKNOWN_SCHEMA_TTL_MS.

import { UndecodableError, UnusableSchemaError } from "../core/decode/decode-errors.ts";
import { MAX_CACHED_SCHEMAS, UNKNOWN_SCHEMA_TTL_MS } from "./limits.ts";

type Kept<Made> =
  | { readonly made: Made }
  | { readonly error: UndecodableError | UnusableSchemaError; readonly until: number }
  | { readonly pending: Promise<Made> };

export class SchemaCache<Made> {
  readonly #make: (id: string) => Promise<Made>;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept<Made>>();

  /** `now` is in ms, from any beginning. */
  constructor(make: (id: string) => Promise<Made>, now: () => number = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  /** At once where it was made before. Throws, or rejects with, what `make` does. */
  get(id: string): Made | Promise<Made> {
    const kept = this.#kept.get(id);
    if (kept === undefined) {
      return this.#start(id);
    }
    if ("made" in kept) {
      return kept.made;
    }
    if ("pending" in kept) {
      return kept.pending;
    }
    if (this.#now() >= kept.until) {
      return this.#start(id);
    }
    throw kept.error;
  }

  #start(id: string): Promise<Made> {
    const pending = this.#run(id);
    this.#keep(id, { pending });
    return pending;
  }

  async #run(id: string): Promise<Made> {
    try {
      const made = await this.#make(id);
      this.#keep(id, { made });
      return made;
    } catch (error) {
      if (error instanceof UndecodableError || error instanceof UnusableSchemaError) {
        this.#keep(id, { error, until: this.#now() + UNKNOWN_SCHEMA_TTL_MS });
      } else {
        this.#kept.delete(id);
      }
      throw error;
    }
  }

  #keep(id: string, kept: Kept<Made>): void {
    this.#kept.set(id, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_CACHED_SCHEMAS) {
        break;
      }
      this.#kept.delete(oldest);
    }
  }
}
