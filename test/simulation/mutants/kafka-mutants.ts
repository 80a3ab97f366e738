// Bugs of the output in Kafka, each of which breaks what producer-session.ts says makes it exact.

import { type Mutant, planting } from "./mutant.ts";

const SESSION = "shared/kafka/output/producer-session.ts";
const WRITER = "shared/kafka/output/output-writer.ts";
const SEND = "shared/kafka/output/send-batches.ts";
const OUTPUT = "shared/kafka/output/range-output.ts";
const PLACE = "shared/kafka/output/output-place.ts";

/** As mutants.ts has them. */
const FIRST_SEEDS: Readonly<Record<string, number>> = {
  "read the position before the predecessor is fenced": 2_034,
  "read a position that is not stable": 41,
  "take the offsets that a group has for all that it will have": 2_426,
  "take a commit without an answer for one that took effect": 49,
  "take a commit that comes too late for one that took effect": 297,
  "send an end again that got no answer": 3_090,
  "write a position again that got no answer": 300,
  "write a second position before the first is taken in": 170,
  "number a batch anew that got no answer": 136,
  "abort what may still be on its way": 148,
};

const mutant = planting({ output: "kafka" }, FIRST_SEEDS);

export const KAFKA_MUTANTS: readonly Mutant[] = [
  mutant(
    "read the position before the predecessor is fenced",
    [OUTPUT, "import { openProducerSession }", "import { openProducerSession, ProducerSession }"],
    [
      OUTPUT,
      "const session = await openProducerSession(",
      "const stored = await new ProducerSession(cluster, { place, transactions: undefined as never, identity: undefined as never }).position(range.signal);\n  const session = await openProducerSession(",
    ],
    [OUTPUT, "const stored = await session.position(range.signal);", ""],
  ),
  mutant("read a position that is not stable", [SESSION, "isStable: true", "isStable: false"]),
  mutant("take the offsets that a group has for all that it will have", [
    SESSION,
    "return hasOwn ? offsets",
    "return hasOwn || offsets.length >= 0 ? offsets",
  ]),
  mutant(
    "write the position outside of the transaction",
    [
      SESSION,
      'import { txnOffsetCommitV3 } from "../protocol/transactions/txn-offset-commit-v3.ts";',
      'import { offsetCommitV8 as txnOffsetCommitV3 } from "../protocol/groups/offset-commit-v8.ts";',
    ],
    [
      SESSION,
      "request: { ...this.identity, groupId, ...partition, offset, metadata },",
      "request: { groupId, offsets: [{ ...partition, offset, metadata }] } as never,",
    ],
  ),
  mutant("leave the position out of the transaction", [WRITER, "await session.addOffsets();", ""]),
  mutant("take a commit without an answer for one that took effect", [
    WRITER,
    'await session.end("commit");',
    'await session.end("commit").catch((error: Error) => { if (error.name !== "RangeReadError") throw error; });',
  ]),
  mutant("take a commit that comes too late for one that took effect", [
    "shared/kafka/groups/group-errors.ts",
    '  0: "none",',
    '  0: "none",\n  90: "none",',
  ]),
  mutant("take a commit without an answer for one that took no effect", [
    "shared/kafka/output/find-position.ts",
    "if (stored !== undefined) {",
    "if (stored !== undefined && stored.offset <= range.fromOffset) {",
  ]),
  mutant("send an end again that got no answer", [
    SESSION,
    'request: { ...this.identity, isCommitted: how === "commit" },',
    'request: { ...this.identity, isCommitted: how === "commit" },\n      isRepeatable: true,',
  ]),
  mutant("write a position again that got no answer", [
    SESSION,
    "request: { ...this.identity, groupId, ...partition, offset, metadata },",
    "request: { ...this.identity, groupId, ...partition, offset, metadata },\n      isRepeatable: true,",
  ]),
  mutant("write a second position before the first is taken in", [SESSION, "await this.#requireTakenIn();", ""]),
  mutant("reprocess in the live group", [PLACE, ', ...own].join("."),', '].join("."),']),
  mutant("reprocess under the live chain's transactional id", [
    PLACE,
    'partition, ...own].join(".");',
    'partition].join(".");',
  ]),
  mutant("write under the epoch of before", [
    OUTPUT,
    "identity: session.identity,",
    "identity: { ...session.identity, producerEpoch: Math.max(0, session.identity.producerEpoch - 1) },",
  ]),
  mutant("number the batches of each transaction anew", [
    WRITER,
    "this.#joined.clear();",
    "this.#joined.clear();\n    this.#options.sender.sequences.clear();",
  ]),
  mutant("number a batch anew that got no answer", [
    SEND,
    "sending.obstacle = error.message;",
    "sending.obstacle = error.message;\n      const [slice = { from: 0, until: 0 }] = sending.slices;\n      sender.sequences.set(sending.name, (sender.sequences.get(sending.name) ?? 0) + slice.until - slice.from);",
  ]),
  mutant("take a batch without an answer for written", [
    SEND,
    "sending.obstacle = error.message;",
    "const [slice = { from: 0, until: 0 }, ...others] = sending.slices;\n      sender.sequences.set(sending.name, (sender.sequences.get(sending.name) ?? 0) + slice.until - slice.from);\n      sending.slices = others;",
  ]),
  mutant("write to what the transaction has not taken in", [WRITER, "    this.#joined.clear();\n", ""]),
  mutant("abort what may still be on its way", [
    WRITER,
    "if (this.#beganAt !== undefined && !this.#isUncertain) {",
    "if (this.#beganAt !== undefined) {",
  ]),
  mutant("leave a range that is written to its end open", [
    "functions/processor/output/follow-position.ts",
    "position.untilOffset <= untilOffset) {",
    "position.untilOffset < untilOffset) {",
  ]),
];
