// What the bench of an invocation tells its processes, and hears from them.

/** The functions' own client, and the AWS SDK's. */
export const CLIENTS = ["signed", "sdk"] as const;

export type ClientName = (typeof CLIENTS)[number];

export const OPERATIONS = ["UpdateItem", "TransactWriteItems", "Invoke"] as const;

export type OperationName = (typeof OPERATIONS)[number];

/** Calls of one operation, so many of them in flight. */
export interface CallTask {
  readonly operation: OperationName;
  readonly calls: number;
  readonly concurrency: number;
}

export interface CallResult {
  /** Of one call, on average. */
  readonly cpuMs: number;
  readonly wallMs: number;
}
