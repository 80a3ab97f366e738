import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { CorruptRecordError } from "../../../../shared/core/errors.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import type { ReadMeasurement } from "../../../support/kafka/measure-read.ts";
import {
  fetchAnswer,
  SCRIPTED_TOPIC,
  type Script,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";
import { encodeBatch, type TestCodec } from "../../../support/records/record-batch-encoder.ts";

const MIB = 1_048_576;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(script: Script) {
  const broker = await startScriptedBroker(scriptedLog, script);
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
  open.push(reader, broker);
  return { broker, reader };
}

/** Answers the second fetch, and those after it up to `times`, with these records. */
function damaging(records: Buffer, times: number): Script {
  return (call) =>
    call.api === "fetch" && call.index >= 1 && call.index < 1 + times
      ? { kind: "send", bytes: call.answer(fetchAnswer({ endOffset: 6n, records })) }
      : undefined;
}

/** The batch of the offsets 2 and 3 with one bit of it turned over. */
function withFlippedBit(position: number): Buffer {
  const bytes = Buffer.from(scriptedLog.batches[1]?.bytes ?? []);
  bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
  return bytes;
}

const firstBatch = scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0);
const damages: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a record with a bit turned over", withFlippedBit(65), /the batch at offset 2 has checksum 0x[0-9a-f]{8}/],
  ["a checksum with a bit turned over", withFlippedBit(17), /the batch at offset 2 has checksum 0x[0-9a-f]{8}/],
  ["batches below the position", firstBatch, /the batches that came end at 2/],
  ["bytes without a whole batch", firstBatch.subarray(0, 40), /40 bytes came for offset 2/],
  [
    "a batch of an old format",
    Buffer.concat([firstBatch.subarray(0, 16), Buffer.from([1]), firstBatch.subarray(17)]),
    /message format v1/,
  ],
];

describe("PF5: what came damaged", () => {
  test.each(damages)(
    "G1: %s is fetched once more over another connection, and the read stays exact",
    async (_, records) => {
      const { broker, reader } = await start(damaging(records, 1));

      expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
      expect(broker.connections.made).toBe(2);
      expect(broker.calls.filter((api) => api === "fetch").length).toBe(4);
    },
  );

  test.each(damages)("%s a second time is corrupt, with both tries in the error", async (_, records, message) => {
    const { broker, reader } = await start(damaging(records, 2));

    const { error, offsets } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(CorruptRecordError);
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining("fetched twice, over two connections") });
    expect(offsets).toEqual([0n, 1n]);
    expect(broker.connections.made).toBe(2);
  });

  test("in two ways is told in both", async () => {
    const { reader } = await start((call, broker) =>
      damaging(call.index === 1 ? withFlippedBit(65) : firstBatch, 2)(call, broker),
    );

    const { error } = await failRange(reader, wholeLog);

    expect(error).toMatchObject({
      message: expect.stringMatching(/end at 2 \(.*the first time: the batch at offset 2/),
    });
  });

  test("behind the range's end is nobody's business", async () => {
    const { reader } = await start((call) =>
      call.api === "fetch" && call.index === 0
        ? {
            kind: "send",
            bytes: call.answer(
              fetchAnswer({ endOffset: 6n, records: Buffer.concat([firstBatch, withFlippedBit(65)]) }),
            ),
          }
        : undefined,
    );
    const range = { ...wholeLog.range, untilOffset: 2n };

    expect((await collectRange(reader, { ...wholeLog, range })).offsets).toEqual([0n, 1n]);
  });
});

describe("G7: a decompression bomb", () => {
  const bombBytes = 64 * MIB;
  const limitBytes = 4 * MIB;
  const codecs: readonly TestCodec[] = ["gzip", "snappy", "snappy-xerial", "lz4", "zstd"];

  test.each(codecs)("in %s is refused by the limit's name, and takes no memory beyond it", async (codec) => {
    const small = encodeBatch({ baseOffset: 0n, codec, records: [{ offsetDelta: 0, value: Buffer.alloc(MIB) }] });
    const bomb = encodeBatch({ baseOffset: 1n, codec, records: [{ offsetDelta: 0, value: Buffer.alloc(bombBytes) }] });
    const broker = await startScriptedBroker({
      endOffset: 2n,
      batches: [
        { baseOffset: 0n, nextOffset: 1n, bytes: small },
        { baseOffset: 1n, nextOffset: 2n, bytes: bomb },
      ],
    });
    open.push(broker);

    const script = new URL("../../../support/kafka/measure-read.ts", import.meta.url).pathname;
    const args = [script, broker.bootstrapServers, SCRIPTED_TOPIC, "1", "2", String(limitBytes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { error, grownBytes } = JSON.parse(stdout) as ReadMeasurement;

    expect(error).toMatchObject({
      name: "ConfigurationError",
      message: expect.stringMatching(/batch at offset 1 expands beyond maxDecompressedBatchBytes 4194304/),
    });
    expect(grownBytes).toBeLessThan(3 * limitBytes + 2 * bomb.length);
  });
});
