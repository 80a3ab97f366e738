// Mutants
//
// Bugs that somebody might write, each as a replacement in a production file's text,
// made while the file is loaded and never on disk. The simulation has to find every
// one of them; a text that is not there exactly once is an error, so that none of
// them rots away.

import type { ScriptName } from "../scripts.ts";
import { KAFKA_MUTANTS } from "./kafka-mutants.ts";
import { type Mutant, planting } from "./mutant.ts";
import { POSTGRES_MUTANTS } from "./postgres-mutants.ts";
import { REJECT_MUTANTS } from "./reject-mutants.ts";
import { S3_MUTANTS } from "./s3-mutants.ts";

const STATUS = "shared/core/range/range-status.ts";
const LEASE = "shared/core/range/lease.ts";
const DUE = "shared/core/range/due-at.ts";
const OPERATOR = "shared/core/range/operator-event.ts";
const PLAN = "shared/core/plan/plan-partition.ts";
const PROCESS = "functions/processor/process-attempts.ts";
const CHANGE = "shared/dynamodb/change-range.ts";
const STORE = "shared/dynamodb/store-change.ts";

/** Where a search from the first seed would take longer than a second; scripts where thousands of seeds find nothing. */
const FIRST_SEEDS: Readonly<Record<string, number | ScriptName>> = {
  "drop the lease's fence": 1377,
  "claim a range whose lease has not expired": 259,
  "forget on release what was committed": 171,
  "begin a retry at the range's first offset": 12,
  "complete a range that was not read to its end": 1269,
  "halt after the first failed attempt": 42,
  "never notice an expired lease": 219,
  "start late partitions at their end": 17,
  "start a re-created topic over": 16,
  "let each first run freeze a start of its own": 454,
  "retry a range that a processor holds": 94,
  "lose what is skipped from where it was committed": 3325,
  "look at no topic that has ended": "plan at the frozen start of a topic that is gone",
  "begin at what another topic's log was listed with": "begin at what another topic's log is listed with",
  "plan up to the end of another topic's log": "go on to the end of another topic's log",
  "skip the next record instead of the one that was named": 432,
  "quarantine a record without its letter": 12,
  "quarantine the rest of the range with the record": 12,
  "lose more than what is gone": 42,
  "skip what was deleted": 14,
  "read on behind a truncation": 173,
  "tell what a request gave up as processed": 93,
  "count what became of a range again when the answer was lost": 739,
  "take a compacted end for a truncation": 806,
};

const mutant = planting({ output: "dynamodb" }, FIRST_SEEDS);

export const MUTANTS: readonly Mutant[] = [
  mutant("store a change whatever the record is by now", [
    STORE,
    '"#revision = :revision AND #writeId = :writeId"',
    '"attribute_exists(#revision)"',
  ]),
  mutant("replace any range by a plan at its offset", [
    "shared/dynamodb/plan-range.ts",
    '"attribute_not_exists(#key) OR #status = :anchor"',
    '"attribute_not_exists(#key) OR #status <> :anchor"',
  ]),
  mutant("take a lost answer for a lost race", [CHANGE, "outcome.present.writeId === writeId", "false"]),
  mutant(
    "apply a commit again whose answer was lost",
    [CHANGE, "outcome.present.writeId === writeId", "false"],
    [STATUS, "event.fromOffset !== record.committedOffset", "false"],
  ),
  mutant("leave the outputs out of the transaction", [STORE, "others: outputs,", "others: [],"]),
  mutant("drop the lease's fence", [
    LEASE,
    "return record.lease?.owner === proof.owner && record.lease.counter === proof.counter;",
    "return record.lease !== undefined || proof.counter < 0;",
  ]),
  mutant("claim a range whose lease has not expired", [
    LEASE,
    "  if (held !== undefined) {\n    return held;",
    "  if (held !== undefined && now < 0) {\n    return held;",
  ]),
  mutant("give every lease the same counter", [LEASE, "record.leaseCounter + 1;", "Math.max(record.leaseCounter, 1);"]),
  mutant(
    "expire a lease before its time",
    [
      STATUS,
      'kind: "superseded" } };\n  }\n  const held = refuseWhileHeld(record, now);',
      'kind: "superseded" } };\n  }\n  const held = refuseWhileHeld(record, Infinity);',
    ],
    [DUE, "return record.lease?.expiresAt;", "return record.startedAt;"],
  ),
  mutant("let a lease end before its invocation does", [PROCESS, "remainingMs + LEASE_MARGIN_MS", "1_000"]),
  mutant("forget on release what was committed", [
    STATUS,
    'return { next: { ...rest, status: "PLANNED", ...omitUndefined({ narrowed })',
    'return { next: { ...rest, committedOffset: rest.fromOffset, status: "PLANNED", ...omitUndefined({ narrowed })',
  ]),
  mutant("begin a retry at the range's first offset", [
    "functions/processor/attempt/run-attempt.ts",
    "fromOffset: committedOffset, untilOffset }",
    "fromOffset: record.fromOffset, untilOffset }",
  ]),
  mutant("complete a range that was not read to its end", [
    "functions/processor/session/session-rules.ts",
    "(position !== untilOffset)",
    "(position > untilOffset)",
  ]),
  mutant("end a range with its last record", [
    "functions/processor/session/delivery.ts",
    "      this.#nextOffset = undefined;\n",
    "",
  ]),
  mutant("halt after the first failed attempt", [
    "shared/core/failure/judge-failure.ts",
    "record.failedAttempts + 1 >= attempts",
    "record.failedAttempts + 1 >= Math.min(attempts, 1)",
  ]),
  mutant("never notice an expired lease", [DUE, "return record.lease?.expiresAt;", "return undefined;"]),
  mutant("wait for a lost dispatch for ever", [
    DUE,
    "return record.dispatchedAt === undefined ? AT_ONCE : record.dispatchedAt + dispatchTimeoutMs;",
    "return record.dispatchedAt === undefined ? AT_ONCE : Number.MAX_SAFE_INTEGER - dispatchTimeoutMs;",
  ]),
  mutant(
    "dispatch again before it is due",
    [STATUS, "return now < due ? ", "return due < 0 ? "],
    [PLAN, "if (now < due) {", "if (due < 0) {"],
  ),
  mutant("plan while a range is open", [
    PLAN,
    "newest !== undefined && !isClosed(newest)",
    'newest?.status === "FAILED"',
  ]),
  mutant("plan from one offset too far", [
    PLAN,
    "const fromOffset = newest.untilOffset;",
    "const fromOffset = newest.untilOffset + 1n;",
  ]),
  mutant("start late partitions at their end", [
    "functions/scheduler/start/find-starts.ts",
    '?? chooseStart(one, "earliest")',
    '?? chooseStart(one, "latest")',
  ]),
  mutant("take a lost checkpoint for a partition found later", [
    PLAN,
    ".filter((record) => isForgottenSoon(record, rules, now))",
    ".filter(() => false)",
  ]),
  mutant("start a re-created topic over", [
    "functions/scheduler/observe/started-topics.ts",
    "sameName.length === 0 ||",
    "sameName.length >= 0 ||",
  ]),
  mutant("let each first run freeze a start of its own", [
    "functions/scheduler/observe/starting-partitions.ts",
    'return present === "pending" ? first : undefined;',
    "return first ?? later;",
  ]),
  mutant("go on with a paused partition", [
    PLAN,
    "if (pause === undefined) {",
    "if (pause === undefined || pause.at > 0) {",
  ]),
  mutant("retry a range that a processor holds", [
    OPERATOR,
    "export function retry(record: RangeRecord, { operator, now }: RetryEvent): Decision {\n  const held = refuseWhileHeld(record, now);",
    "export function retry(record: RangeRecord, { operator, now }: RetryEvent): Decision {\n  const held = refuseWhileHeld(record, Infinity);",
  ]),
  mutant("lose what is skipped from where it was committed", [
    OPERATOR,
    'status: "SKIPPED",',
    'status: "SKIPPED",\n      committedOffset: rest.fromOffset,',
  ]),
  mutant("take what an operator leaves for dispatched", [
    "shared/core/range/split-range.ts",
    "...(split.lease === undefined ? {} : { dispatchedAt: now }),",
    "dispatchedAt: now,",
  ]),
  mutant(
    "skip the next record instead of the one that was named",
    [
      "functions/processor/attempt/run-attempt.ts",
      "isAtSkip(record) && record.prepared === undefined",
      "record.skipOffset !== undefined && record.prepared === undefined",
    ],
    ["functions/processor/attempt/split-off.ts", "isAtSkip(record)", "record.skipOffset !== undefined"],
  ),
  mutant("quarantine a record without its letter", [
    "functions/processor/attempt/settle-failure.ts",
    "() => keepDeadLetter(deps, rules, attempt, error)",
    "() => readOne(deps.reader, rules, attempt)",
  ]),
  mutant("quarantine the rest of the range with the record", [
    "functions/processor/attempt/settle-failure.ts",
    "at: record.committedOffset + 1n,",
    "at: record.untilOffset,",
  ]),
  mutant("lose more than what is gone", [
    "shared/core/failure/judge-failure.ts",
    "smallerOf(loss.beginningOffset, untilOffset)",
    "smallerOf(untilOffset, untilOffset)",
  ]),
  mutant("look at no topic that has ended", [
    "functions/scheduler/observe/started-topics.ts",
    "endedAt !== undefined && leftAt === undefined",
    "endedAt !== undefined && leftAt !== undefined",
  ]),
  mutant("begin at what another topic's log was listed with", [
    "functions/scheduler/start/find-replaced.ts",
    "(newest !== undefined && !isClosed(newest))",
    "newest === undefined || !isClosed(newest)",
  ]),
  mutant("plan up to the end of another topic's log", [
    "functions/scheduler/start/find-replaced.ts",
    "listedOffset(end) !== next",
    "listedOffset(end) === undefined",
  ]),
  mutant("let the table forget an open range", [
    "shared/core/range/new-range.ts",
    "{ dispatchedAt: now }",
    "{ dispatchedAt: now, expiresAt: now + 60_000 }",
  ]),
  mutant("reprocess in the live chain", [
    "shared/dynamodb/items/attributes/keys.ts",
    "return requestId === undefined\n    ?",
    "return requestId !== partition.toString()\n    ?",
  ]),
  mutant("tell what a request gave up as processed", [
    "shared/core/range/offset-outcomes.ts",
    "processed: committedOffset - fromOffset - rejected",
    "processed: untilOffset - fromOffset - rejected",
  ]),
  mutant(
    "count what became of a range again when the answer was lost",
    [
      "shared/core/reprocess/plan-reprocess.ts",
      "seen.settled.filter(({ index }) => !before.has(index))",
      "seen.settled.filter(({ index }) => index >= 0)",
    ],
    [
      "functions/scheduler/reprocess/drive-request.ts",
      "return isNew ? merged : undefined;",
      "return isNew || present.open.length === 0 ? merged : undefined;",
    ],
  ),
  mutant("plan up to the high watermark", [
    "shared/kafka/offsets/list-partition-offsets.ts",
    "connection.listOffsets({ isolationLevel, queries })",
    'connection.listOffsets({ isolationLevel: "read_uncommitted", queries })',
  ]),
  mutant("show aborted records", [
    "shared/kafka/read/range-reader.ts",
    'isolationLevel === "read_committed" ? new',
    'isolationLevel === "read_uncommitted" ? new',
  ]),
  mutant("hide what follows an aborted transaction", [
    "shared/kafka/records/abort-filter.ts",
    "this.#active.delete(producerId);",
    "this.#active.has(producerId);",
  ]),
  mutant(
    "skip what was deleted",
    [
      "shared/kafka/read/partition-fetcher.ts",
      "return this.#retryElsewhere(await explainOutOfRange(open, this.#step(position)));",
      'return { kind: "fetched", batches: { headers: [], abortedTransactions: [], next: { offset: position.offset + 1n, previousLeaderEpoch: -1 } } };',
    ],
    ["shared/kafka/read/log-bounds.ts", "partition.logStartOffset > range.fromOffset", "partition.logStartOffset < 0n"],
  ),
  mutant("read on behind a truncation", [
    "shared/kafka/read/partition-fetcher.ts",
    "lastFetchedEpoch: previousLeaderEpoch,",
    "lastFetchedEpoch: -1 + 0 * previousLeaderEpoch,",
  ]),
  mutant("take a compacted end for a truncation", [
    "shared/kafka/read/range-reader.ts",
    "this.#progress.passEnd(header);",
    "",
  ]),
  ...S3_MUTANTS,
  ...POSTGRES_MUTANTS,
  ...KAFKA_MUTANTS,
  ...REJECT_MUTANTS,
];
