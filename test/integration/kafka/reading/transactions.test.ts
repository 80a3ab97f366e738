import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { BeyondEndError } from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, expectEverySubRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let reader: RangeReader;
/** Every fetch brings one record batch. */
let smallReader: RangeReader;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  const options = { clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] };
  reader = createKafkaRangeReader(options);
  smallReader = createKafkaRangeReader({ ...options, fetchMaxBytes: 1 });
});

afterAll(async () => {
  await Promise.all([reader.close(), smallReader.close(), topics.close()]);
});

interface LogPlan {
  /** How many records, and how they were written. Each transaction is followed by its marker. */
  readonly parts: readonly (readonly [count: number, how: "plain" | "commit" | "abort"])[];
}

/** Writes the log and says which offsets are of committed records, of aborted ones and of markers. */
async function writeLog(topic: string, { parts }: LogPlan) {
  const committed: bigint[] = [];
  const aborted: bigint[] = [];
  const markers: bigint[] = [];
  let end = 0n;
  for (const [count, how] of parts) {
    const records = Array.from({ length: count }, (_, index) => ({ key: "k", value: `${how} ${end + BigInt(index)}` }));
    if (how === "plain") {
      await topics.produce(topic, records);
    } else {
      await topics.produceTransaction(topic, records, how);
    }
    const offsets = records.map((_, index) => end + BigInt(index));
    (how === "abort" ? aborted : committed).push(...offsets);
    end += BigInt(count);
    if (how !== "plain") {
      markers.push(end);
      end += 1n;
    }
  }
  return { committed, aborted, markers, end };
}

function within(offsets: readonly bigint[], fromOffset: bigint, untilOffset: bigint): bigint {
  return BigInt(offsets.filter((offset) => offset >= fromOffset && offset < untilOffset).length);
}

const mixedLog: LogPlan = {
  parts: [
    [2, "abort"],
    [3, "plain"],
    [2, "commit"],
    [1, "abort"],
    [2, "abort"],
    [3, "commit"],
    [2, "plain"],
    [1, "commit"],
    [2, "abort"],
  ],
};

describe("a transactional log", () => {
  test("G1: shows committed records only, with markers at the start, in the middle and at the end of any range", async () => {
    const topic = await topics.create();
    const { committed, end } = await writeLog(topic, mixedLog);

    await expectEverySubRange([reader, smallReader], topic, { visible: committed, end });
  });

  test("G1: shows aborted records as well under read_uncommitted, and never a marker", async () => {
    const topic = await topics.create();
    const { committed, aborted, end } = await writeLog(topic, mixedLog);
    const visible = [...committed, ...aborted].sort((a, b) => Number(a - b));

    await expectEverySubRange([reader, smallReader], topic, { visible, end, isolationLevel: "read_uncommitted" });
  });

  test("RP2: counts where every offset went", async () => {
    const topic = await topics.create();
    const { committed, aborted, markers, end } = await writeLog(topic, mixedLog);

    for (const [fromOffset, untilOffset] of [
      [0n, end],
      [1n, end - 1n],
      [4n, 12n],
    ] as const) {
      const range = { topic, partition: 0, fromOffset, untilOffset };
      const { read } = await collectRange(reader, { range, isolationLevel: "read_committed" });

      expect(read.counts).toMatchObject({
        delivered: within(committed, fromOffset, untilOffset),
        aborted: within(aborted, fromOffset, untilOffset),
        control: within(markers, fromOffset, untilOffset),
      });
    }
  });

  test("G1: compressed transactions are filtered as well", async () => {
    const topic = await topics.create({ config: { "compression.type": "lz4" } });
    const { committed, end } = await writeLog(topic, mixedLog);

    await expectEverySubRange([smallReader], topic, { visible: committed, end });
  });

  test("RR2: an open transaction holds records back under read_committed, at once and before the first record", async () => {
    const topic = await topics.create();
    await topics.produce(topic, [{ value: "0" }, { value: "1" }]);
    await topics.produceTransaction(topic, [{ value: "2" }, { value: "3" }], "open");
    await topics.produce(topic, [{ value: "4" }]);
    const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 5n };

    const { error, offsets } = await failRange(reader, { range, isolationLevel: "read_committed" });
    const below = await collectRange(reader, {
      range: { ...range, untilOffset: 2n },
      isolationLevel: "read_committed",
    });
    const all = await collectRange(reader, { range, isolationLevel: "read_uncommitted" });

    expect(error).toBeInstanceOf(BeyondEndError);
    expect(error).toMatchObject({ endOffset: 2n, message: expect.stringContaining("open since offset 2") });
    expect(offsets).toEqual([]);
    expect(below.offsets).toEqual([0n, 1n]);
    expect(all.offsets).toEqual([0n, 1n, 2n, 3n, 4n]);
  });
});
