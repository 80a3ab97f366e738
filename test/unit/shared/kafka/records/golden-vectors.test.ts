import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MAX_DECOMPRESSED_BATCH_BYTES } from "../../../../../shared/kafka/limits.ts";
import { fetchV13 } from "../../../../../shared/kafka/protocol/fetch-v13.ts";
import { RangeProgress } from "../../../../../shared/kafka/read/range-progress.ts";
import { AbortFilter } from "../../../../../shared/kafka/records/abort-filter.ts";
import { readBatchHeaders } from "../../../../../shared/kafka/records/batch-header.ts";
import { type GoldenVector, toGoldenRecord } from "../../../../support/records/golden-vector.ts";

const folder = new URL("../../../../vectors/", import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as GoldenVector);

function decode({ response, isolationLevel, fromOffset, untilOffset }: GoldenVector) {
  const { partition } = fetchV13.decode(Buffer.from(response, "base64"));
  const { records, abortedTransactions } = partition ?? { records: Buffer.alloc(0), abortedTransactions: [] };
  const headers = readBatchHeaders(records);
  const range = { topic: "golden", partition: 0, fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset) };
  const rules = { maxDecompressedBatchBytes: MAX_DECOMPRESSED_BATCH_BYTES, requireConsecutiveOffsets: false };
  const progress = new RangeProgress(range, rules);
  const filter = isolationLevel === "read_committed" ? new AbortFilter(abortedTransactions) : undefined;
  const batches = headers.map((header) => progress.pass(header, filter) ?? []);
  return { partition, headers, progress, records: batches.flatMap((batch) => [...batch]).map(toGoldenRecord) };
}

describe("Fetch responses recorded from a real Kafka", () => {
  test.for(vectors)("G1: $name holds exactly the records that were produced", (vector) => {
    const { partition, headers, progress, records } = decode(vector);

    expect(partition?.errorCode).toBe(0);
    expect(records).toEqual(vector.records);
    expect(progress.position).toBe(BigInt(vector.untilOffset));
    expect((headers.at(-1)?.end ?? 0) < (partition?.records.length ?? 0)).toBe(vector.isTruncated);
    expect(new Set(headers.filter(({ isControl }) => !isControl).map(({ codec }) => codec))).toEqual(
      new Set([vector.codec]),
    );
  });

  test("every codec comes in every layout", () => {
    const names = vectors.map(({ name }) => name.split("-")[0]);
    const layouts = ["plain", "inside", "truncated", "transactional", "interleaved", "compacted"];

    for (const layout of layouts) {
      const codecs = vectors.filter((_, index) => names[index] === layout).map(({ codec }) => codec);
      expect(new Set(codecs), layout).toEqual(new Set([0, 1, 2, 3, 4]));
    }
  });
});
