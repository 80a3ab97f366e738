// Deserializers without a schema.

import { UndecodableError } from "../../core/decode/decode-errors.ts";
import type { Deserializer } from "../../core/decode/deserializer.ts";
import { aFunction, requireOptions } from "../../core/options/require-options.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes as they are: a view on what was fetched, as of any record. */
export function bytes(): Deserializer<Buffer> {
  return { deserialize: (given) => given };
}

/** Text in UTF-8. Bytes that are none are refused, not replaced. */
export function string(): Deserializer<string> {
  return { deserialize: readText };
}

/** How JSON is read. */
export interface JsonOptions<T> {
  /**
   * Makes of the parsed JSON what the code is given, or throws: a schema's `parse`, say. What it throws is held
   * against the record. @default - as it was parsed
   */
  readonly check?: (parsed: unknown) => T;
}

/** JSON in UTF-8, without a schema of a registry. Numbers beyond 2^53 are rounded, as JSON.parse does. Throws ConfigurationError. */
export function json<T = unknown>(options: JsonOptions<T> = {}): Deserializer<T> {
  requireOptions("json", options, { check: aFunction("a function of what was parsed") });
  const { check } = options;
  return {
    deserialize(given) {
      const parsed = parseJson(given);
      return check === undefined ? (parsed as T) : check(parsed); // Without a check it is what the code says it is.
    },
  };
}

export function parseJson(given: Buffer): unknown {
  const text = readText(given);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UndecodableError(`it is no JSON: ${(cause as Error).message}`, { cause }); // JSON.parse throws errors only.
  }
}

function readText(given: Buffer): string {
  try {
    return utf8.decode(given);
  } catch (cause) {
    throw new UndecodableError("it is no text in UTF-8", { cause });
  }
}
