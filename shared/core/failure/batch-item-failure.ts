import { BatchProcessorError } from "../errors.ts";

export interface BatchItemFailureDetails {
  readonly offsets: readonly bigint[];
}

/** A handler of an event source mapping said of records that they failed, and not why. */
export class BatchItemFailureError extends BatchProcessorError {
  override readonly name = "BatchItemFailureError";
  readonly retryable = true;
  /** Of the records that failed, ascending. */
  readonly offsets: readonly bigint[];

  constructor(message: string, details: BatchItemFailureDetails) {
    super(message);
    this.offsets = details.offsets;
  }
}
