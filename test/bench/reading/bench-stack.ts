import { join } from "node:path";
import { Kafka } from "kafkajs";
import { type KafkaBroker, startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { kafkaClassPath } from "../../../functions/local/servers/kafka-download.ts";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";
import { createServedTopics } from "../../../functions/local/topics/create-served-topics.ts";
import type { IsolationLevel, OffsetSource, PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKeyStore } from "../../local/servers/key-store.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { BenchCase, Layout, ReaderName } from "./bench-cases.ts";
import { LineProcess } from "./line-process.ts";
import type { BenchConnection, FillResult, FillTask, ReadResult, ReadTask } from "./reading.ts";

const READY_DEADLINE_MS = 60_000;
const nodeReaders = new URL("reader-process.ts", import.meta.url).pathname;
const javaReader = new URL("readers/BenchReader.java", import.meta.url).pathname;
const javaProducer = new URL("BenchProducer.java", import.meta.url).pathname;

const topicConfig: Readonly<Record<Layout, Readonly<Record<string, string>>>> = {
  plain: {},
  transactional: {},
  compacted: {
    "cleanup.policy": "compact",
    "segment.bytes": "4194304",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "100",
  },
};

/** A log that is filled and at rest, and what a read of it must find. */
export interface FilledLog {
  readonly task: ReadTask;
  readonly expected: FillResult;
}

export interface TopicSettings {
  readonly topic: string;
  /** @default - the broker's */
  readonly config?: Readonly<Record<string, string>>;
  /** Where the leader is to be read. @default - of the plaintext listener */
  readonly port?: number;
}

/** The broker, its producer, and the way to start readers. */
export class BenchStack {
  readonly #folder: string;
  readonly #broker: KafkaBroker;
  readonly #caFile: string;
  readonly #source: OffsetSource;
  readonly #producer: LineProcess;
  readonly #classPath: string;

  private constructor(folder: string, parts: { broker: KafkaBroker; caFile: string; classPath: string }) {
    const { bootstrapServers } = parts.broker;
    this.#folder = folder;
    this.#broker = parts.broker;
    this.#caFile = parts.caFile;
    this.#classPath = parts.classPath;
    this.#source = createKafkaOffsetSource({ clientId: "bench", bootstrapServers: [bootstrapServers] });
    this.#producer = this.#startJava("producer", javaProducer, bootstrapServers);
  }

  static async start(folder: string): Promise<BenchStack> {
    const { brokerProperties, caFile } = await createKeyStore(folder);
    const broker = await startKafkaBroker({
      folder: join(folder, "kafka"),
      listeners: [{ name: "TLS", protocol: "SSL" }],
      properties: brokerProperties,
      heapMb: 1_024,
    });
    return new BenchStack(folder, { broker, caFile, classPath: await kafkaClassPath() });
  }

  /** Fills a topic for the case, and waits until nothing in it will change any more. */
  async fill(benchCase: BenchCase): Promise<FilledLog> {
    const { name, layout, records, valueBytes, codec, headers, isJson = false } = benchCase;
    const fill = { records, valueBytes, codec, layout, headers, isJson };
    const log = await this.fillBy((topic) => this.#producer.ask({ ...fill, topic } satisfies FillTask), {
      topic: `bench-${name}`,
      config: topicConfig[layout],
      port: portOf(this.#connection(benchCase)),
    });
    if (layout === "compacted") {
      await this.#waitForCleaner(benchCase, log);
    }
    return log;
  }

  /** Lets `write` fill a topic of one partition, and waits until its last transaction is over. */
  async fillBy(
    write: (topic: string) => Promise<FillResult>,
    { topic, config = {}, port = portOf(this) }: TopicSettings,
  ): Promise<FilledLog> {
    await this.#createTopic(topic, config);
    const expected = await write(topic);
    const partition = await this.#describe(topic);
    // A transaction's end is acknowledged before its markers are in the log.
    await waitUntil(
      `the last transaction of ${topic} is over`,
      async () => (await this.#end(partition, "read_committed")) === (await this.#end(partition, "read_uncommitted")),
      READY_DEADLINE_MS,
    );
    const { topicId, leader } = partition;
    const { untilOffset, lastOffset } = expected;
    const task: ReadTask = {
      ...{ topic, topicId, leader: { ...leader, port }, fromOffset: 0, untilOffset, lastOffset },
      isolationLevel: "read_committed",
    };
    return { task, expected };
  }

  get bootstrapServers(): string {
    return this.#broker.bootstrapServers;
  }

  /** Starts a reader's process for one case. */
  startReader(reader: ReaderName, benchCase: BenchCase): LineProcess {
    const connection = JSON.stringify(this.#connection(benchCase));
    const name = `${reader}-${benchCase.name}`;
    return reader === "java"
      ? this.#startJava(name, javaReader, connection)
      : new LineProcess({
          name,
          command: process.execPath,
          args: ["--disable-warning=TimeoutNegativeWarning", nodeReaders, reader, connection],
          logFile: join(this.#folder, `${name}.log`),
        });
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.close(), this.#producer.stop()]);
    await this.#broker.kill(); // Nothing in it is wanted any more.
  }

  #connection({ isTls }: BenchCase): BenchConnection {
    return isTls
      ? { bootstrapServers: String(this.#broker.addresses["TLS"]), caFile: this.#caFile }
      : { bootstrapServers: this.#broker.bootstrapServers };
  }

  #startJava(name: string, source: string, argument: string): LineProcess {
    return new LineProcess({
      name,
      command: "java",
      args: ["-Xmx512m", "-cp", this.#classPath, source, argument],
      logFile: join(this.#folder, `${name}.log`),
    });
  }

  async #createTopic(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    const admin = new Kafka(silentKafkaOptions("bench", this.#broker.bootstrapServers)).admin();
    await admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await createServedTopics(admin, [{ topic, numPartitions: 1, configEntries }]);
    await admin.disconnect();
  }

  async #describe(topic: string): Promise<Required<PartitionMetadata>> {
    const { partitions } = await this.#source.describe({ topics: [topic] });
    const [partition] = partitions;
    if (partition?.leader === undefined) {
      throw new Error(`${topic} has no leader`);
    }
    return { ...partition, leader: partition.leader };
  }

  async #end(partition: PartitionMetadata, isolationLevel: IsolationLevel): Promise<bigint | undefined> {
    const [listed] = await this.#source.listOffsets([partition], "latest", isolationLevel);
    if (listed?.kind !== "listed") {
      throw listed?.error ?? new Error(`no end offset was listed for ${partition.topic}`);
    }
    return listed.offset;
  }

  async #waitForCleaner(benchCase: BenchCase, { task, expected }: FilledLog): Promise<void> {
    const reader = this.startReader("java", benchCase);
    await waitUntil(
      `the cleaner has left the last record of each key in ${task.topic}`,
      async () => (await reader.ask<ReadResult>(task)).records === expected.records,
      READY_DEADLINE_MS,
    );
    await reader.stop();
  }
}

function portOf({ bootstrapServers }: Pick<BenchConnection, "bootstrapServers">): number {
  return Number(bootstrapServers.split(":")[1]);
}
