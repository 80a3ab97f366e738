import { BatchProcessorError } from "../errors.ts";

/** The bytes of a record are none that its deserializer can read: the record is to blame, and no other. */
export class UndecodableError extends BatchProcessorError {
  override readonly name = "UndecodableError";
  readonly retryable = false;
}

/**
 * A registry has a schema that nothing can be made of: it is no JSON or .proto file, say, or what it refers to is missing.
 * Each of its records would fail alike, and none of them is to blame. Other code may take it, or somebody mends it.
 */
export class UnusableSchemaError extends BatchProcessorError {
  override readonly name = "UnusableSchemaError";
  readonly retryable = true;
}

/** A schema registry did not answer, or refused whoever asked: it is an outage, and no record is to blame. */
export class SchemaRegistryError extends BatchProcessorError {
  override readonly name = "SchemaRegistryError";
  readonly retryable = true;
}
