import { describe, expect, test } from "vitest";
import type { AttemptError } from "../../../../../shared/core/attempt-error.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import type { RangeDispatch } from "../../../../../shared/core/ledger/range-dispatcher.ts";
import { MAX_OFFSET } from "../../../../../shared/core/range/offset-range.ts";
import { RANGE_STATUSES } from "../../../../../shared/core/range/range-record.ts";
import { MAX_DISPATCH_BYTES } from "../../../../../shared/lambda/limits.ts";
import { decodeRangeMessage, encodeRangeMessage } from "../../../../../shared/wire/events/range-message.ts";
import { aChain, aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";

const leader = { nodeId: 1, host: "kafka-1", port: 9092, leaderEpoch: 7 };
const counts = { delivered: 1n, aborted: 2n, control: 3n, bytes: 4n };

function overTheWire(dispatch: RangeDispatch): RangeDispatch {
  return decodeRangeMessage(JSON.parse(encodeRangeMessage(dispatch)));
}

/** A message as it travels, with one field of it changed. */
function aMessage(path: string, value: unknown): unknown {
  const message = JSON.parse(encodeRangeMessage({ record: aRangeRecord({ status: "RUNNING", counts }), leader }));
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce((inner, key) => inner[key], message);
  parent[last] = value;
  return message;
}

describe("a dispatch travels unharmed", () => {
  test.each(RANGE_STATUSES)("with a %s record", (status) => {
    const record = aRangeRecord({ status, counts, leaderEpoch: 8, adaptiveSize: MAX_OFFSET, groupFrom: 5n });

    expect(overTheWire({ record, leader })).toEqual({ record, leader });
  });

  test("with a halted record", () => {
    expect(overTheWire({ record: aHaltedRecord() })).toEqual({ record: aHaltedRecord() });
  });

  test("with what an operator did to it", () => {
    const record = aRangeRecord({ operator: { by: "ann", reason: "the schema is mended", at: 1_800_000_000_000 } });

    expect(overTheWire({ record })).toEqual({ record });
  });

  test.each<AttemptError>([
    { name: "DataLossError", message: "gone", loss: { kind: "deleted", beginningOffset: MAX_OFFSET } },
    { name: "DataLossError", message: "gone", loss: { kind: "truncated" } },
    { name: "SyntaxError", message: "not JSON", inHand: { fromOffset: 6n, untilOffset: 7n } },
  ])("with the facts of its error, and the record that is to be skipped: %o", (error) => {
    const record = aRangeRecord({ status: "FAILED", error, skipOffset: 7n });

    expect(overTheWire({ record })).toEqual({ record });
  });

  test("with the range of a reprocess request", () => {
    const record = aRangeRecord({ chain: aChain({ requestId: "again-1" }) });

    expect(overTheWire({ record })).toEqual({ record });
  });

  test("without a leader, while the partition has none", () => {
    expect(overTheWire({ record: aRangeRecord() })).toEqual({ record: aRangeRecord() });
  });

  test("with offsets above 2^53, exactly", () => {
    const record = aRangeRecord({ fromOffset: MAX_OFFSET - 2n, untilOffset: MAX_OFFSET });

    expect(overTheWire({ record }).record).toEqual(record);
    expect(encodeRangeMessage({ record })).toContain('"untilOffset":"9223372036854775807"');
  });

  test("in far fewer bytes than one invocation may carry", () => {
    const record = aRangeRecord({ topic: "x".repeat(249), chain: aChain({ pipeline: "p".repeat(64) }) });

    expect(Buffer.byteLength(encodeRangeMessage({ record, leader }))).toBeLessThan(MAX_DISPATCH_BYTES / 100);
  });
});

describe("an event that is no range message is refused by the field's name", () => {
  test.each<[string, unknown, string]>([
    ["kind", "tick", 'kind is "tick"'],
    ["version", 2, "version is 2"],
    ["record.fromOffset", 5, "record.fromOffset is 5"],
    ["record.fromOffset", "-5", 'record.fromOffset is "-5"'],
    ["record.fromOffset", "05", 'record.fromOffset is "05": expected a decimal string without leading zeros'],
    ["record.chain.surprise", 1, "record.chain.surprise is unknown"],
    ["record.untilOffset", "9223372036854775808", 'record.untilOffset is "9223372036854775808"'],
    ["record.committedOffset", undefined, "record.committedOffset is missing"],
    ["record.status", "DONE", 'record.status is "DONE"'],
    ["record.revision", -1, "record.revision is -1"],
    ["record.partition", 0.5, "record.partition is 0.5"],
    ["record.counts.bytes", 4, "record.counts.bytes is 4"],
    ["record.chain.topicId", "", 'record.chain.topicId is ""'],
    ["record.lease.counter", "1", 'record.lease.counter is "1"'],
    ["record.dispatchedAt", null, "record.dispatchedAt is null"],
    ["leader.port", 0, "leader.port is 0"],
    ["leader.host", "", 'leader.host is ""'],
  ])("%s %j", (path, value, message) => {
    const decode = () => decodeRangeMessage(aMessage(path, value));

    expect(decode).toThrow(ConfigurationError);
    expect(decode).toThrow(message);
  });

  test.each(["surprise", "leader.surprise", "record.surprise", "record.counts.surprise", "record.lease.surprise"])(
    "but for what a newer scheduler adds: %s",
    (path) => {
      expect(decodeRangeMessage(aMessage(path, { any: 1 }))).toEqual(decodeRangeMessage(aMessage("version", 1)));
    },
  );

  test.each([null, "range", 5, []])("or as a whole when it is %j", (event) => {
    expect(() => decodeRangeMessage(event)).toThrow(ConfigurationError);
  });

  test.each<[string, unknown, string]>([
    ["record.committedOffset", "99", "committedOffset 99 lies outside [5, 9]"],
    ["record.untilOffset", "4", "untilOffset 4 is below fromOffset 5"],
    ["record.topic", "a b", 'topic "a b" is not a legal Kafka topic name'],
    ["record.status", "PLANNED", "a PLANNED range and its lease disagree"],
    ["record.partition", 7, "the record and its chain name different partitions"],
  ])("or by what its fields contradict (%s %j)", (path, value, message) => {
    const decode = () => decodeRangeMessage(aMessage(path, value));

    expect(decode).toThrow(ConfigurationError);
    expect(decode).toThrow(message);
  });
});
