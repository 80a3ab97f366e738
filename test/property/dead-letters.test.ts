// Dead letters, whatever the record is that was given up: what is written reads back.

import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeadLetter } from "../../shared/core/failure/dead-letter.ts";
import type { KafkaRecord, RecordHeader } from "../../shared/core/source/range-reader.ts";
import { recordFields } from "../../shared/core/source/record-fields.ts";
import { encodeBatch } from "../../shared/kafka/produce/encode-batch.ts";
import { readBatchHeaders } from "../../shared/kafka/records/batch-header.ts";
import { LazyRecord } from "../../shared/kafka/records/lazy-record.ts";
import { readStoredRecords } from "../../shared/kafka/records/stored-records.ts";
import { VarintReader } from "../../shared/kafka/records/varint.ts";
import { encodeDeadLetter, withRecord } from "../../shared/wire/events/dead-letter.ts";
import { encodeLetterRecord, encodeSettled, readLetterRecord } from "../../shared/wire/events/dead-letter-record.ts";
import { decodeDeadLetter } from "../../shared/wire/events/decode-dead-letter.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const text = fc.oneof(
  bytes,
  fc.string({ unit: "binary", maxLength: 20 }).map((value) => Buffer.from(value)),
);
const maybe = fc.option(text, { nil: null });
const wellFormed = fc.string({ unit: "binary", maxLength: 20 }).filter((value) => value.isWellFormed());
const name = fc.oneof(
  wellFormed,
  fc.constantFrom("trace", "1", "0", "__proto__", "__ranges.letter", "__ranges.settled"),
);
const header = fc.record({ key: name, value: maybe });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const record: fc.Arbitrary<KafkaRecord> = fc.record({
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  timestamp: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  timestampType: fc.constantFrom("CreateTime" as const, "LogAppendTime" as const),
  key: maybe,
  value: maybe,
  headers: fc.array(header, { maxLength: 6 }),
});

const letter: fc.Arbitrary<DeadLetter> = fc
  .record({
    record,
    kind: fc.constantFrom("quarantined" as const, "rejected" as const),
    topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/),
    partition: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    attempt: fc.integer({ min: 1, max: 1_000 }),
    error: fc.record({ name: wellFormed, message: wellFormed, stack: optional(wellFormed) }),
    failedAt: optional(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01") }).map(Number)),
    requestId: optional(fc.stringMatching(/^[a-z0-9-]{1,20}$/)),
    invocation: optional(fc.record({ awsRequestId: fc.uuid(), logGroup: wellFormed, logStream: wellFormed })),
  })
  .map(({ requestId, failedAt, invocation, error: { stack, ...error }, ...rest }) => ({
    ...rest,
    offset: rest.record.offset,
    error: { ...error, ...(stack === undefined ? {} : { stack }) },
    chain: {
      pipeline: "orders",
      topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001",
      partition: rest.partition,
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...(failedAt === undefined ? {} : { failedAt }),
    ...(invocation === undefined ? {} : { invocation }),
  }));

interface Encoded {
  readonly encoding: BufferEncoding;
  readonly text: string;
}

const decoded = (value: Encoded | null) => (value === null ? null : Buffer.from(value.text, value.encoding));
const headOf = ({ record: _record, ...head }: DeadLetter) => head;

/** As the JSON has it. */
function recordIn(body: string) {
  const { record: said } = JSON.parse(body);
  const headers = said.headers.map(({ key, value }: { key: string; value: Encoded | null }) => ({
    key,
    value: decoded(value),
  }));
  return { key: decoded(said.key), value: decoded(said.value), headers, timestamp: BigInt(said.timestamp) };
}

const partsOf = ({ key, value, headers }: Pick<KafkaRecord, "key" | "value" | "headers">) => ({
  key,
  value,
  headers: headers.map((one): RecordHeader => ({ key: one.key, value: one.value })),
});

/** What a reader finds in the batch. */
function readBatch(batch: Buffer): LazyRecord {
  const [found] = readBatchHeaders(batch);
  found?.verify();
  const stored = readStoredRecords(found ?? expect.unreachable("no batch"), 1_000_000);
  return new LazyRecord(stored, new VarintReader(stored.buffer, stored.start));
}

test("a letter in JSON reads back, its record byte for byte", () => {
  fc.assert(
    fc.property(letter, (given) => {
      const body = encodeDeadLetter(given);

      expect(decodeDeadLetter(body)).toEqual(headOf(given));
      expect(recordIn(body)).toEqual({ ...partsOf(given.record as KafkaRecord), timestamp: given.record?.timestamp });
    }),
  );
});

test("DLR1, DLR2: a letter in a topic reads back, its record byte for byte and its headers in their order", () => {
  fc.assert(
    fc.property(letter, (given) => {
      const batch = encodeBatch({ timestamp: 5n, ...encodeLetterRecord(given, { isCut: false }) });
      const read = readLetterRecord(readBatch(batch));
      const found = read.kind === "letter" ? read : expect.unreachable(read.kind);

      expect(decodeDeadLetter(found.about)).toEqual(headOf(given));
      expect(partsOf(found.record)).toEqual(partsOf(given.record as KafkaRecord));
      expect(
        recordIn(withRecord(found.about, { ...recordFields(given.record as KafkaRecord), ...found.record })),
      ).toMatchObject(partsOf(given.record as KafkaRecord));
    }),
  );
});

test("DLR2: a letter about a letter is about that one, and has it whole", () => {
  fc.assert(
    fc.property(letter, letter, (inner, outer) => {
      const about = encodeLetterRecord(inner, { isCut: false });
      const read = readLetterRecord(
        encodeLetterRecord(
          { ...outer, record: { ...recordFields(outer.record as KafkaRecord), ...about } },
          { isCut: false },
        ),
      );

      const found = read.kind === "letter" ? read : expect.unreachable(read.kind);
      expect(decodeDeadLetter(found.about)).toEqual(headOf(outer));
      expect(readLetterRecord(found.record)).toMatchObject({ kind: "letter" });
    }),
  );
});

test("a mark that letters are done reads back, and anybody's own record is nobody's letter", () => {
  fc.assert(
    fc.property(letter, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), ({ record: given }, untilOffset) => {
      const mark = encodeSettled("a:3:7", untilOffset);
      const foreign = { ...recordFields(given as KafkaRecord), headers: [{ key: "trace", value: null }] };

      expect(readLetterRecord(readBatch(encodeBatch({ timestamp: 0n, ...mark })))).toEqual({
        kind: "settled",
        id: "a:3:7",
        untilOffset,
      });
      expect(readLetterRecord(foreign)).toEqual({ kind: "foreign" });
    }),
  );
});

test("what is no letter is none", () => {
  for (const body of ["", "{}", "[]", "null", '{"version":1}', "not JSON"]) {
    expect(decodeDeadLetter(body)).toBeUndefined();
  }
});
