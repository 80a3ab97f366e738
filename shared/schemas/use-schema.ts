// Use schema
//
// Makes something of a schema that a registry has: a type of a library, a function that checks, columns.
//
//   USC1  What fails for a schema's sake is held against the schema, and against no record that was written with it.

import { UnusableSchemaError } from "../core/decode/decode-errors.ts";
import { BatchProcessorError } from "../core/errors.ts";
import type { RegisteredSchema } from "./schema-registry.ts";

/** Libraries throw anything, a stack overflow of nested schemas included. Throws UnusableSchemaError, or what is this project's own. */
export function useSchema<T>(schema: RegisteredSchema, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof BatchProcessorError) {
      throw cause;
    }
    throw unusable(originOf(schema), cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Which one it is. */
export function originOf({ origin, format }: RegisteredSchema): string {
  return origin ?? `a schema of ${format}`;
}

/** An error that says what follows. */
export function unusable(origin: string, why: string, cause?: unknown): UnusableSchemaError {
  return new UnusableSchemaError(
    `${origin} cannot be used: ${why}; mend it there, or decide by onUnusableSchema of decoded what becomes of its records`,
    cause === undefined ? {} : { cause },
  );
}
