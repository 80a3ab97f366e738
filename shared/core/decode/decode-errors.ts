import { BatchProcessorError } from "../errors.ts";

/** The bytes of a record are none that its deserializer can read: the record is to blame, and no other. */
export class UndecodableError extends BatchProcessorError {
  override readonly name = "UndecodableError";
  readonly retryable = false;
}

/** A schema registry did not answer, or refused whoever asked: it is an outage, and no record is to blame. */
export class SchemaRegistryError extends BatchProcessorError {
  override readonly name = "SchemaRegistryError";
  readonly retryable = true;
}
