// What the bench and its processes say to each other: one line of JSON each way.

import type { IsolationLevel, PartitionLeader } from "../../../shared/core/source/offset-source.ts";

/** Offsets are numbers here: the bench's logs are short, and Java reads the same lines. */
export interface ReadTask {
  readonly topic: string;
  readonly topicId: string;
  readonly leader: PartitionLeader;
  readonly fromOffset: number;
  /** Exclusive. */
  readonly untilOffset: number;
  /** Of the last visible record below `untilOffset`: where readers stop that know no ranges. */
  readonly lastOffset: number;
  readonly isolationLevel: IsolationLevel;
}

/** What was read, to be held against what was written. */
export interface ReadTotals {
  readonly records: number;
  readonly offsetSum: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

export interface ReadResult extends ReadTotals {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Of the process since it began; 0 where the platform does not tell. */
  readonly peakRssBytes: number;
}

export interface FillTask {
  readonly topic: string;
  readonly records: number;
  readonly valueBytes: number;
  readonly codec: string;
  readonly layout: string;
  readonly headers: number;
  /** Whether each value is one JSON object, of about so many bytes. */
  readonly isJson?: boolean;
}

/** What a read of the whole log must find. */
export interface FillResult extends ReadTotals {
  readonly untilOffset: number;
  readonly lastOffset: number;
}

export interface BenchConnection {
  readonly bootstrapServers: string;
  /** PEM of the broker's certificate; absent for plaintext. */
  readonly caFile?: string;
}
