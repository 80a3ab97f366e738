// What the bench of empty ranges tells its process, and hears from it.

export interface InvokingTask {
  /** Ranges that are processed before any is measured, one after the other in one environment. */
  readonly warmUp: number;
  /** Ranges that are measured. */
  readonly ranges: number;
}

export interface InvokingResult {
  /** Of an invocation: its median. */
  readonly wallMs: number;
  /** Of an invocation, on average; user and system. */
  readonly cpuMs: number;
}

/** Where the process finds what it works on. */
export interface InvokingStack {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly ledgerTable: string;
  /** Has an aborted record at each of the offsets from 0 on. */
  readonly topic: string;
}
