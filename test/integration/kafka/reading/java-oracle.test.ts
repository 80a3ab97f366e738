import { randomInt, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { IsolationLevel } from "../../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { createRandom } from "../../../local/demo/seeded-random.ts";
import {
  fingerprint,
  type JavaOracle,
  type OracleRange,
  type RandomTopicBounds,
  startJavaOracle,
} from "../../../support/java/java-oracle.ts";

/** `SEED=… vitest …` writes the same records in the same order and compares the same ranges again. */
const SEED = Number(process.env["SEED"] ?? randomInt(2 ** 31));
const TOPICS = Number(process.env["ORACLE_TOPICS"] ?? 6);
const STEPS = 150;
const RANGES = 50;
const SHORT_RANGE = 20;
const MAX_CLEANER_PASSES = 5;

let folder: string;
let oracle: JavaOracle;
let readers: readonly RangeReader[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "java-oracle-"));
  oracle = await startJavaOracle(inject("kafka.bootstrapServers"), folder);
  const options = { clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] };
  // By their fetch size: one batch, a few, the whole log.
  readers = [1, 3_000, 2 ** 20].map((fetchMaxBytes) => createKafkaRangeReader({ ...options, fetchMaxBytes }));
});

afterAll(async () => {
  await Promise.all(readers.map((reader) => reader.close()));
  await oracle.stop();
  await rm(folder, { recursive: true });
});

function pickRange(random: () => number, { beginningOffset, endOffset }: Omit<RandomTopicBounds, "written">) {
  const fromOffset = beginningOffset + Math.floor(random() * (endOffset - beginningOffset));
  const longest = endOffset - fromOffset;
  const length = Math.ceil(random() * (random() < 0.5 ? Math.min(longest, SHORT_RANGE) : longest));
  return { fromOffset, untilOffset: fromOffset + length };
}

async function readOurs(reader: RangeReader, { topic, fromOffset, untilOffset, isolationLevel }: OracleRange) {
  const range = { topic, partition: 0, fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset) };
  const fingerprints: string[] = [];
  for await (const record of reader.readRange({ range, isolationLevel }).records()) {
    fingerprints.push(fingerprint(record));
  }
  return fingerprints;
}

/** Ours, and the Java client's as it was before and after: the cleaner may take its last records between two reads. */
async function readBoth(reader: RangeReader, range: OracleRange) {
  for (let pass = 0; pass < MAX_CLEANER_PASSES; pass++) {
    const before = await oracle.read(range);
    const ours = await readOurs(reader, range);
    const after = await oracle.read(range);
    if (before.join() === after.join()) {
      return { java: before, ours };
    }
  }
  throw new Error(`the log of ${range.topic} does not come to rest`);
}

describe("the Java client as the oracle", () => {
  test.for(Array.from({ length: TOPICS }, (_, index) => index))(
    `G1: any range of random topic %i holds what the Java consumer finds, in its order (SEED=${SEED})`,
    async (index) => {
      const seed = SEED + index;
      const random = createRandom(seed);
      const topic = `oracle-${randomUUID()}`;
      const bounds = await oracle.fill({ topic, seed, isCompacted: index % 3 === 2, steps: STEPS });
      const seen: Record<IsolationLevel, number> = { read_committed: 0, read_uncommitted: 0 };

      for (let count = 0; count < RANGES; count++) {
        for (const isolationLevel of ["read_committed", "read_uncommitted"] as const) {
          const endOffset = isolationLevel === "read_committed" ? bounds.stableOffset : bounds.endOffset;
          const range = { topic, isolationLevel, ...pickRange(random, { ...bounds, endOffset }) };
          const { java, ours } = await readBoth(readers[count % readers.length] as RangeReader, range); // In bounds.
          expect(ours, JSON.stringify({ ...range, seed, ...bounds })).toEqual(java);
          seen[isolationLevel] += ours.length;
        }
      }

      expect(seen.read_committed).toBeGreaterThan(RANGES);
      expect(seen.read_uncommitted).toBeGreaterThan(RANGES);
    },
  );
});
