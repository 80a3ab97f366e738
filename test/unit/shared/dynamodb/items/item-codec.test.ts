import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { AttemptError } from "../../../../../shared/core/attempt-error.ts";
import { LedgerIntegrityError } from "../../../../../shared/core/errors.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import { newRange } from "../../../../../shared/core/range/new-range.ts";
import { MAX_OFFSET } from "../../../../../shared/core/range/offset-range.ts";
import { NO_COUNTS, RANGE_STATUSES, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { itemBytes } from "../../../../../shared/dynamodb/items/attributes/item-size.ts";
import { decodeRange, encodeRange } from "../../../../../shared/dynamodb/items/item-codec.ts";
import { encodeNotes } from "../../../../../shared/dynamodb/items/note-codec.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";

const record: RangeRecord = newRange({
  chain: { pipeline: "word-count", topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77", partition: 12 },
  topic: "orders",
  fromOffset: 5n,
  untilOffset: 9n,
  batchId: "batch-1",
  writeId: "write-1",
  now: 1_800_000_000_000,
});
const item = encodeRange(record);

test("IC1: an item that lacks an attribute, or has it as another type, names it", () => {
  for (const name of Object.keys(item).filter((key) => key !== "pk" && key !== "sk" && key !== "dispatchedAt")) {
    const { [name]: _, ...rest } = item;
    expect(() => decodeRange(rest), name).toThrow(`attribute ${name} is missing`);
    expect(() => decodeRange({ ...item, [name]: { BOOL: true } }), name).toThrow(`attribute ${name} is not a`);
  }
});

test.each<[string, Record<string, AttributeValue>]>([
  ["status DONE is none of", { status: { S: "DONE" } }],
  ["committedOffset 10 lies outside [5, 9]", { committedOffset: { N: "10" } }],
  ["attribute untilOffset is not a whole number", { untilOffset: { N: "9.5" } }],
  ["attribute revision is 9007199254740992, beyond", { revision: { N: "9007199254740992" } }],
  ["a RUNNING range and its lease disagree", { status: { S: "RUNNING" } }],
  ['topic "a b" is not a legal Kafka topic name', { topic: { S: "a b" } }],
  ["attribute crit is not a set of strings", { crit: { S: "note" } }],
])("IC1: %s: such an item is an error", (message, change) => {
  expect(() => decodeRange({ ...item, ...change })).toThrow(LedgerIntegrityError);
  expect(() => decodeRange({ ...item, ...change })).toThrow(message);
});

test("IC5: what a newer release added is passed over", () => {
  expect(decodeRange({ ...item, note: { S: "newer" } })).toEqual(record);
});

test("IC6: what is named as critical and not known is an error", () => {
  const newer = { ...item, note: { S: "newer" }, crit: { SS: ["note", "status"] } };

  expect(() => decodeRange(newer)).toThrow(LedgerIntegrityError);
  expect(() => decodeRange(newer)).toThrow("it has note, which this code does not know; deploy the code that wrote it");
  expect(decodeRange({ ...newer, crit: { SS: ["status"] } })).toEqual(record);
});

test("IC1: an unknown count is an error as well", () => {
  const counts = { M: { ...item["counts"]?.M, belowFrom: { N: "1" } } };

  expect(() => decodeRange({ ...item, counts })).toThrow("unknown attributes belowFrom");
});

test("IC2: another schema version is refused whatever else the item holds", () => {
  expect(() => decodeRange({ schema: { N: "2" }, anything: { S: "else" } })).toThrow(
    "schema version 2, this code knows 1",
  );
});

test("IC3: an error is cut between characters to what the write unit has left", () => {
  const error = { name: "TypeError", message: "🔑".repeat(400) };

  const encoded = encodeRange({ ...record, status: "FAILED", error });

  const bytes = itemBytes(encoded);
  expect(bytes).toBeLessThanOrEqual(1_024);
  expect(bytes).toBeGreaterThan(1_024 - 4);
  const { error: kept } = decodeRange(encoded);
  expect(kept?.name).toBe("TypeError");
  expect(kept?.message).toMatch(/^(?:🔑)+$/u);
});

test.each(RANGE_STATUSES.filter((status) => status !== "ANCHOR"))(
  "IC3: the longest legal names leave room for the notes of a %s record",
  (status) => {
    const chain = { ...record.chain, pipeline: "p".repeat(64), requestId: "r".repeat(64), partition: 2_147_483_647 };
    const uuid = "u".repeat(36);
    const at = 1_800_000_000_000;
    const longest: RangeRecord = {
      ...aRangeRecord({ status, partition: chain.partition, fromOffset: MAX_OFFSET - 9n, untilOffset: MAX_OFFSET }),
      ...{ chain, topic: "t".repeat(249), writeId: uuid, batchId: uuid, revision: 999_999, attempt: 999_999 },
      ...{
        failedAttempts: 999_999,
        leaseCounter: 999_999,
        leaderEpoch: 2_147_483_647,
        dispatchedAt: at,
        startedAt: at,
      },
      counts: { delivered: MAX_OFFSET, aborted: MAX_OFFSET, control: MAX_OFFSET, bytes: MAX_OFFSET },
      ...(status === "RUNNING" ? { lease: { owner: `${uuid}/12345678`, counter: 999_999, expiresAt: at } } : {}),
      error: { name: "DataLossError", message: "🔑".repeat(240) },
      operator: { by: "ann", reason: "🔒".repeat(160), at },
    };

    const encoded = encodeRange(longest);

    expect(itemBytes(encoded)).toBeLessThanOrEqual(1_024);
    expect(decodeRange(encoded)).toMatchObject({
      error: { name: "DataLossError" },
      operator: { by: "ann", reason: expect.stringMatching(/^(?:🔒)+$/u), at },
    });
  },
);

test.each([
  ["live", { adaptiveSize: MAX_OFFSET, groupFrom: MAX_OFFSET - 99n }],
  ["reprocess", { requestId: "r".repeat(64) }],
])("IC3: a %s record with every field there is, each at its longest, fits one write unit", (_mode, own) => {
  const { requestId, ...sizes } = { requestId: undefined, ...own };
  const at = 1_800_000_000_000;
  const uuid = "u".repeat(36);
  const everything: RangeRecord = {
    ...aRangeRecord({
      status: "PLANNED",
      partition: 2_147_483_647,
      fromOffset: MAX_OFFSET - 99n,
      untilOffset: MAX_OFFSET,
    }),
    chain: {
      ...{ ...record.chain, pipeline: "p".repeat(64), partition: 2_147_483_647 },
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...{ topic: "t".repeat(249), writeId: uuid, batchId: uuid, committedOffset: MAX_OFFSET - 9n, ...sizes },
    counts: {
      delivered: MAX_OFFSET,
      aborted: MAX_OFFSET,
      control: MAX_OFFSET,
      bytes: MAX_OFFSET,
      rejected: MAX_OFFSET,
    },
    ...{ revision: 999_999, attempt: 999_999, failedAttempts: 100, leaseCounter: 999_999, quarantined: 10_000 },
    ...{ plannedAt: at, dispatchedAt: at, startedAt: at, leaderEpoch: 2_147_483_647, outages: 999 },
    narrowed: { length: MAX_OFFSET, suspectUntil: MAX_OFFSET },
    skipOffset: MAX_OFFSET - 1n,
    error: { name: "DataLossError", message: "🔑".repeat(240) },
    operator: { by: "b".repeat(128), reason: "🔒".repeat(160), at },
  };
  const lease = { owner: `${uuid}/12345678`, counter: 999_999, expiresAt: at };
  // A claim uses the dispatch up: it gives its place to the lease.
  const { dispatchedAt: _used, ...claimed } = everything;
  const { skipOffset: _given, ...closed } = everything;
  const records: readonly RangeRecord[] = [
    everything,
    { ...claimed, status: "RUNNING", lease },
    { ...everything, status: "FAILED", nextAttemptAt: at },
    { ...closed, status: "SKIPPED", completedAt: at, expiresAt: at },
  ];

  for (const one of records) {
    expect(itemBytes(encodeRange(one)), one.status).toBeLessThanOrEqual(1_024);
    const { error: _error, operator: _operator, ...rest } = one;
    expect(decodeRange(encodeRange(one)), one.status).toMatchObject(rest);
  }
});

test.each<Pick<AttemptError, "loss" | "inHand">>([
  { loss: { kind: "deleted", beginningOffset: MAX_OFFSET - 5n } },
  { loss: { kind: "topicGone" } },
  { inHand: { fromOffset: MAX_OFFSET - 9n, untilOffset: MAX_OFFSET } },
])("IC3: a halted record keeps %o, whatever else there is, each at its longest", (facts) => {
  const at = 1_800_000_000_000;
  const uuid = "u".repeat(36);
  const halted: RangeRecord = {
    ...aHaltedRecord({ partition: 2_147_483_647, fromOffset: MAX_OFFSET - 99n, untilOffset: MAX_OFFSET }),
    chain: { ...record.chain, pipeline: "p".repeat(64), partition: 2_147_483_647, requestId: "r".repeat(64) },
    ...{ topic: "t".repeat(249), writeId: uuid, batchId: uuid, committedOffset: MAX_OFFSET - 9n },
    counts: {
      delivered: MAX_OFFSET,
      aborted: MAX_OFFSET,
      control: MAX_OFFSET,
      bytes: MAX_OFFSET,
      rejected: MAX_OFFSET,
    },
    ...{ revision: 999_999, attempt: 999_999, failedAttempts: 100, leaseCounter: 999_999, quarantined: 10_000 },
    ...{ plannedAt: at, dispatchedAt: at, startedAt: at, leaderEpoch: 2_147_483_647 },
    narrowed: { length: MAX_OFFSET, suspectUntil: MAX_OFFSET },
    skipOffset: MAX_OFFSET - 1n,
    error: { name: "DataLossError", message: "🔑".repeat(240), ...facts },
    operator: { by: "b".repeat(128), reason: "🔒".repeat(160), at },
  };

  const encoded = encodeRange(halted);

  expect(itemBytes(encoded)).toBeLessThanOrEqual(1_024);
  expect(decodeRange(encoded)).toMatchObject({ error: facts, skipOffset: MAX_OFFSET - 1n });
});

test("IC3: where no room is left for both, an error without facts goes before an operator's act does, and one with facts after it", () => {
  const operator = { by: "ann", reason: "r", at: 1_800_000_000_000 };
  const error = { name: "TypeError", message: "m" };

  expect(Object.keys(encodeNotes({ error, operator }, 60))).toEqual(["error", "operator"]);
  expect(Object.keys(encodeNotes({ error, operator }, 40))).toEqual(["operator"]);
  expect(Object.keys(encodeNotes({ error, operator }, 20))).toEqual([]);
  const loss = { kind: "truncated" } as const;
  expect(Object.keys(encodeNotes({ error: { ...error, loss }, operator }, 40))).toEqual(["error"]);
  expect(Object.keys(encodeNotes({ error: { ...error, loss }, operator }, 34))).toEqual(["operator"]);
});

test.each([
  ["receipts", { receipts: ["r".repeat(800)] }],
  [
    "rejected offsets",
    { committedOffset: 8n, counts: { ...NO_COUNTS, rejected: 3n }, rejectedOffsets: listOffsets([5n, 7n]) },
  ],
  ["many receipts", { receipts: Array.from({ length: 20 }, () => "r".repeat(10_000)) }],
  [
    "work prepared",
    {
      prepared: {
        untilOffset: record.untilOffset,
        counts: { delivered: 1n, aborted: 0n, control: 0n, bytes: 1n },
        output: "S3",
        memo: "m".repeat(20_000),
      },
    },
  ],
])("IC3, G6: a halted range with %s keeps its error, and who acted on it and why, whole", (_, notes) => {
  const operator = { by: "ann@example.com", reason: "r".repeat(160), at: 1_800_000_000_000 };
  const loss = { kind: "deleted", beginningOffset: MAX_OFFSET } as const;
  const error = { name: "DataLossError", message: "m".repeat(240), loss };

  const decoded = decodeRange(encodeRange({ ...aHaltedRecord(), ...notes, error, operator }));

  expect(decoded).toMatchObject({ error, operator, ...notes });
});

test("RJ1: which offsets were rejected are bytes, of what is committed and of what is prepared", () => {
  const rejecting: RangeRecord = {
    ...record,
    ...{ status: "FAILED", committedOffset: 8n, rejectedOffsets: listOffsets([5n, 7n]) },
    counts: { ...NO_COUNTS, rejected: 2n },
    prepared: {
      ...{ untilOffset: 9n, counts: { ...NO_COUNTS, rejected: 1n }, output: "S3", memo: "m" },
      rejectedOffsets: listOffsets([8n]),
    },
  };

  const encoded = encodeRange(rejecting);

  expect(encoded["rejected"]).toEqual({ B: Uint8Array.of(0, 2) });
  expect(encoded["prepared"]?.M?.["rejected"]).toEqual({ B: Uint8Array.of(0) });
  expect(decodeRange(encoded)).toEqual(rejecting);
});

test.each<[string, Record<string, AttributeValue>]>([
  ["attribute rejected is no list of offsets", { rejected: { B: Uint8Array.of(0x80) } }],
  ["attribute rejected is not a binary", { rejected: { S: "5" } }],
  ["1 rejected offsets are listed, and 0 counted", { rejected: { B: Uint8Array.of(0) } }],
  ["rejected offsets to 12 outside", { rejected: { B: Uint8Array.of(12) } }],
])("IC1, RJ1: %s: such an item is an error", (message, change) => {
  const committed = encodeRange({ ...record, committedOffset: 8n });

  expect(() => decodeRange({ ...committed, ...change })).toThrow(message);
});

test("IC3: an operator's words go before an error's message, and both are whole among ordinary names", () => {
  const operator = { by: "ann@example.com", reason: "r".repeat(160), at: 1_800_000_000_000 };
  const error = { name: "TypeError", message: "m".repeat(240) };

  const decoded = decodeRange(encodeRange({ ...record, status: "FAILED", error, operator }));

  expect(decoded).toMatchObject({ error, operator });
});

test("IC3: half a surrogate pair does not reach the wire", () => {
  const encoded = encodeRange({ ...record, status: "FAILED", error: { name: "Error", message: "key \ud83d" } });

  expect(decodeRange(encoded).error?.message).toBe("key \ufffd");
});

test("IC4: the expiry is rounded up to a second", () => {
  const encoded = encodeRange({ ...record, expiresAt: 1_800_000_000_001 });

  expect(encoded["expiresAt"]).toEqual({ N: "1800000001" });
  expect(decodeRange(encoded).expiresAt).toBe(1_800_000_001_000);
});
