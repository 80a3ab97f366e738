import type { RegisteredSchema } from "./schema-registry.ts";

/** A value that is still encoded, without its frame, and the schema that it is encoded by. */
export interface SchemaPayload {
  /** A view of the record's bytes, or bytes of its own. */
  readonly payload: Buffer;
  /** Of the payload to the byte. */
  readonly schema: RegisteredSchema;
}
