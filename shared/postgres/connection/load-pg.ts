import { loadLibrary } from "../../core/load-library.ts";

/** With the first connection. Rejects with ConfigurationError where it is not installed. */
export function loadPg(): Promise<typeof import("pg")> {
  return loadLibrary("kafka-offset-ranges/postgres", "pg", () => import("pg"));
}
