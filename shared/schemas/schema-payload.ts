import type { RegisteredSchema } from "./schema-registry.ts";

/** A value that is still encoded, without its frame, and the schema that it is encoded by. */
export interface SchemaPayload {
  /** A view of the record's bytes, or bytes of its own. */
  readonly payload: Buffer;
  /** Of the payload to the byte. */
  readonly schema: RegisteredSchema;
}

/** A payload that was also read: what its library made of it, for those that go by its schema. */
export interface DecodedPayload extends SchemaPayload {
  /** In the library's own form. */
  readonly decoded: unknown;
}
