import { beforeEach, expect, test } from "vitest";
import { Delivery } from "../../../../../functions/processor/session/delivery.ts";
import { CorruptRecordError } from "../../../../../shared/core/errors.ts";
import { NO_COUNTS, type RangeCounts } from "../../../../../shared/core/range/range-record.ts";
import type { KafkaRecord } from "../../../../../shared/core/source/range-reader.ts";
import { ORDERS_ID } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createFakeKafkaLog, type FakeKafkaLog } from "../../../../support/kafka/fake-kafka-log.ts";
import { createFakeRangeReader } from "../../../../support/kafka/fake-range-reader.ts";
import { ORDERS_0 } from "../../../../support/pipeline/processor-bench.ts";

let log: FakeKafkaLog;
let delivery: Delivery;

/** Offsets: 0-2 aborted with their marker, 3-5 records, 6-8 records, 9-10 aborted with their marker. */
beforeEach(() => {
  log = createFakeKafkaLog(() => START);
  log.createTopic("orders", 1);
  abort(["x", "y"]);
  log.append(ORDERS_0, ["a", "b", "c"]);
  log.append(ORDERS_0, ["d", "e", "f"]);
  abort(["z"]);
  const read = createFakeRangeReader(log).readRange({
    range: { ...ORDERS_0, fromOffset: 0n, untilOffset: 11n },
    isolationLevel: "read_committed",
    topicId: ORDERS_ID,
  });
  delivery = new Delivery(read);
});

function abort(values: readonly string[]): void {
  const transaction = log.appendInTransaction(ORDERS_0, values);
  log.endTransaction(ORDERS_0, transaction, "aborted");
}

function offsetsOf({ delivered, aborted, control }: RangeCounts): readonly bigint[] {
  return [delivered, aborted, control];
}

test("stands at the start before anything was asked for", () => {
  expect(delivery.position).toBe(0n);
  expect(delivery.leaderEpoch).toBeUndefined();
  expect(delivery.countsBelow(0n)).toEqual(NO_COUNTS);
});

test("stands behind each batch that was handed out, and at the end once reading ended", async () => {
  const positions: bigint[] = [];

  for await (const _ of delivery.batches()) {
    positions.push(delivery.position);
  }

  expect([...positions, delivery.position]).toEqual([6n, 9n, 11n]);
  expect(delivery.leaderEpoch).toBe(0);
});

test("DV3: stands behind each record that was handed out, not behind its batch", async () => {
  const positions: bigint[] = [];

  for await (const _ of delivery.records()) {
    positions.push(delivery.position);
  }

  expect([...positions, delivery.position]).toEqual([4n, 5n, 6n, 7n, 8n, 9n, 11n]);
});

test("DV3: stays where its reader left it", async () => {
  for await (const { offset } of delivery.records()) {
    if (offset === 7n) {
      break;
    }
  }

  expect(delivery.position).toBe(8n);
});

test("DV1: counts what lies below each record of the batch in hand, and what is invisible before it", async () => {
  const counts: (readonly bigint[])[] = [];

  for await (const { offset } of delivery.records()) {
    counts.push(offsetsOf(delivery.countsBelow(offset)));
  }

  expect(counts).toEqual([0n, 1n, 2n, 3n, 4n, 5n].map((delivered) => [delivered, 2n, 1n]));
});

test("DV1: counts everything at the end", async () => {
  for await (const _ of delivery.batches()) {
    // Handed out is all that counts.
  }

  expect(offsetsOf(delivery.countsBelow(11n))).toEqual([6n, 3n, 2n]);
});

test("DV1: counts nothing inside a batch left behind, and all of it at its end", async () => {
  for await (const { untilOffset } of delivery.batches()) {
    if (untilOffset === 9n) {
      break;
    }
  }

  expect(offsetsOf(delivery.countsBelow(5n))).toEqual([0n, 0n, 0n]);
  expect(offsetsOf(delivery.countsBelow(6n))).toEqual([3n, 2n, 1n]);
  expect(offsetsOf(delivery.countsBelow(7n))).toEqual([4n, 2n, 1n]);
});

test("DV1: counts nothing among the invisible offsets before a batch", async () => {
  for await (const _ of delivery.batches()) {
    break;
  }

  expect(offsetsOf(delivery.countsBelow(2n))).toEqual([0n, 0n, 0n]);
});

test("DV2: a record is in hand until the next one is asked for, and not while that one cannot be read", async () => {
  const read = createFakeRangeReader(log).readRange({
    range: { ...ORDERS_0, fromOffset: 3n, untilOffset: 9n },
    isolationLevel: "read_committed",
    topicId: ORDERS_ID,
  });
  async function* batches() {
    for await (const batch of read.batches()) {
      yield {
        count: batch.count,
        untilOffset: batch.untilOffset,
        countBelow: (offset: bigint) => batch.countBelow(offset),
        [Symbol.iterator]: () => upToSecond(batch),
      };
    }
  }
  const broken = new Delivery({ ...read, position: 3n, batches });
  const inHand: unknown[] = [];
  const reading = async () => {
    for await (const _ of broken.records()) {
      inHand.push(broken.inHand);
    }
  };

  await expect(reading()).rejects.toThrow(CorruptRecordError);

  expect([...inHand, broken.inHand]).toEqual([{ fromOffset: 3n, untilOffset: 4n }, undefined]);
});

function* upToSecond([first]: Iterable<KafkaRecord>) {
  if (first !== undefined) {
    yield first;
  }
  throw new CorruptRecordError("the second one contradicts its batch's header");
}
