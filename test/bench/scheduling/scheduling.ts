// What the bench of the scheduler tells its process, and hears from it.

import type { ClientName } from "../calling/calling.ts";

/** What the ledger holds of every partition as a run begins. */
export const LEDGER_STATES = {
  idle: "nothing new in any partition",
  new: "every partition has new records",
  open: "every range is still being processed",
  overdue: "every range has to be dispatched again",
} as const;

export type LedgerState = keyof typeof LEDGER_STATES;

/** One scheduler run on a ledger in this state. */
export interface RunTask {
  readonly state: LedgerState;
}

/** Real clients to call AWS with. */
export interface RealCalls {
  readonly client: ClientName;
  readonly endpoint: string;
}

export interface SchedulerCase {
  /** In place of a ledger in memory and a dispatcher that only take their time. */
  readonly aws?: RealCalls;
  readonly bootstrapServers: readonly string[];
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: number;
  /** Of every partition. */
  readonly endOffset: number;
}

export interface RunResult {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Of the process so far. */
  readonly peakRssBytes: number;
  readonly reads: number;
  readonly writes: number;
  readonly dispatches: number;
  /** Dispatches in the fullest tenth of a second, to one broker's partitions. */
  readonly densestTenth: number;
  /** What the run said that it did, by kind. */
  readonly kinds: Readonly<Record<string, number>>;
}
