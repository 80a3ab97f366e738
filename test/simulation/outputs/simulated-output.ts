import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { OutputDeps } from "../../../functions/cli/outputs/prove-outputs.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import type { RangeOutput } from "../../../shared/core/output/range-output.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { KafkaOutputRecord } from "../../../shared/kafka/output/output-record.ts";
import type { PostgresOutput } from "../../../shared/postgres/statements/postgres-statement.ts";
import type { PlaceOfRecord, Style } from "../pipeline-code.ts";
import type { Actor } from "../world/world.ts";

/** What the pipeline's code writes, wherever it goes. */
export type AnyOutput = TransactWriteItem | ArchiveRecord | PostgresOutput | KafkaOutputRecord;

/** A record that took effect in a store of its own. */
export interface OutputRow {
  /** As audit/range-view.ts names it. */
  readonly chain: string;
  readonly offset: bigint;
  readonly value: string;
}

export interface ReachedOffset {
  /** As of an output row. */
  readonly chain: string;
  readonly rangeFrom: bigint;
  readonly untilOffset: bigint;
}

/** One transaction of a store that keeps positions, at the moment at which it is committed. */
export interface CommittedOutputs {
  /** What the store knows the writer by. */
  readonly by: string;
  /** Of each place that was written to, in its order. */
  readonly rows: readonly (readonly OutputRow[])[];
  /** Of the positions that it moves. */
  readonly moves: readonly { readonly name: string; readonly from: bigint | undefined; readonly to: bigint }[];
}

/** A store that keeps positions, transaction by transaction. */
export interface AuditedStore {
  watch(onCommit: (committed: CommittedOutputs) => void): void;
  /** What its readers are given, which may come later than what is in effect. */
  read(): readonly OutputRow[];
}

/** A store that is not the ledger, with the production code that writes to it. */
export interface SimulatedOutput {
  /** How code may write to it. */
  readonly styles: readonly [Style, ...Style[]];
  /** What becomes of a record. */
  readonly outputOf: (place: PlaceOfRecord, record: KafkaRecord) => AnyOutput;
  /** As the actor's invocation has it. */
  openFor(actor: Actor): RangeOutput<AnyOutput>;
  /** Everything that is in effect, of a chain by ascending offset. */
  rows(): readonly OutputRow[];
  /** How far each live chain's outputs are, and where the range began that they were last committed in. */
  reached?(): readonly ReachedOffset[];
  /** How `ranges verify --outputs` looks at it. */
  proving(actor: Actor): Promise<Pick<OutputDeps, "archives" | "positions">>;
  /** No more faults of its own. */
  heal(): void;
  /** Present where each of its transactions can be audited (audit-positions.ts). */
  readonly audited?: AuditedStore;
}
