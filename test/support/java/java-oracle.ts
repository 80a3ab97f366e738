import { createHash } from "node:crypto";
import { join } from "node:path";
import { kafkaClassPath } from "../../../functions/local/servers/kafka-download.ts";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { LineProcess } from "../../bench/reading/line-process.ts";

const program = new URL("JavaOracle.java", import.meta.url).pathname;

export interface RandomTopic {
  readonly topic: string;
  readonly seed: number;
  readonly isCompacted: boolean;
  /** How many times one of its producers writes. */
  readonly steps: number;
}

/** Offsets; the log holds nothing below `beginningOffset`, and open transactions from `stableOffset` on. */
export interface RandomTopicBounds {
  readonly beginningOffset: number;
  readonly stableOffset: number;
  readonly endOffset: number;
  /** Records produced, visible or not. */
  readonly written: number;
  readonly markers: number;
}

export interface OracleRange {
  readonly topic: string;
  readonly fromOffset: number;
  readonly untilOffset: number;
  readonly isolationLevel: IsolationLevel;
}

/** Kafka's own client in a process of its own: what it reads is what we must read. */
export interface JavaOracle {
  fill(topic: RandomTopic): Promise<RandomTopicBounds>;
  /** One fingerprint per record that the Java consumer delivers, in its order. */
  read(range: OracleRange): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function startJavaOracle(bootstrapServers: string, folder: string): Promise<JavaOracle> {
  const process = new LineProcess({
    name: "the Java oracle",
    command: "java",
    args: ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", await kafkaClassPath(), program, bootstrapServers],
    logFile: join(folder, "java-oracle.log"),
  });
  return {
    fill: (topic) => process.ask<RandomTopicBounds>({ command: "fill", ...topic }),
    read: async (range) =>
      (await process.ask<{ readonly records: readonly string[] }>({ command: "read", ...range })).records,
    stop: () => process.stop(),
  };
}

/** The offset and a digest of all that a record holds; JavaOracle.java computes the same. */
export function fingerprint({ offset, timestamp, timestampType, key, value, headers }: KafkaRecord): string {
  const start = Buffer.alloc(8);
  start.writeBigInt64BE(timestamp);
  const fields = headers.flatMap((header) => [Buffer.from(header.key), header.value]);
  const digest = createHash("sha1").update(start);
  for (const field of [Buffer.from(timestampType), key, value, ...fields]) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field === null ? -1 : field.length);
    digest.update(length).update(field ?? "");
  }
  return `${offset} ${digest.digest("hex")}`;
}
