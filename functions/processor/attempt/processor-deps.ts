import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { FailureRules } from "../../../shared/core/failure/judge-failure.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OnPhase } from "../../../shared/core/on-phase.ts";
import type { RangeOutput } from "../../../shared/core/output/range-output.ts";
import type { Refusal } from "../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import type { InvocationContext } from "../../lambda-handler.ts";
import type { ProcessFunction } from "../session/processing-range.ts";

export interface ProcessorDeps<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly reader: RangeReader;
  readonly process: ProcessFunction<Output>;
  /** Where outputs go; absent: into the ledger's own transactions. */
  readonly output?: RangeOutput<Output>;
  /** Where rejected and quarantined records go; absent: neither is possible. */
  readonly deadLetters?: DeadLetterTarget;
  /** What Lambda says of the invocation, for the pipeline's code. */
  readonly context?: InvocationContext;
  readonly onPhase?: OnPhase;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface ProcessorRules extends FailureRules {
  readonly isolationLevel: IsolationLevel;
  /** How long the table keeps a completed range. */
  readonly retentionMs: number;
}

/** How long this invocation lives, and how it says so. */
export interface Invocation {
  /** Unique per invocation, also between two deliveries of one event. */
  readonly owner: string;
  /** What is left of the function's time-out now. */
  readonly remainingMs: number;
  /** Time to stop: reading ends, the pipeline's code may still commit. */
  readonly deadline: AbortSignal;
  /** Time to hand back, whether the pipeline's code has returned or not. */
  readonly lastCall: AbortSignal;
}

export type ProcessOutcome =
  | { readonly kind: "completed"; readonly record: RangeRecord }
  /** `record` ends with the record that an operator gave up. */
  | { readonly kind: "skipped"; readonly record: RangeRecord }
  /** Done, held or put off by somebody else: normal and cheap. */
  | { readonly kind: "notClaimed"; readonly reason: Refusal["kind"] | "missing" | "noTimeLeft" }
  | { readonly kind: "released"; readonly record: RangeRecord }
  /** narrowed: the next attempt goes less far. lost, quarantined: `record` is what was given up. */
  | {
      readonly kind: "failed" | "halted" | "narrowed" | "lost" | "quarantined";
      readonly record: RangeRecord;
      readonly error: unknown;
    }
  | { readonly kind: "superseded" };
