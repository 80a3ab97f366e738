// Scripted cluster
//
// Brokers on real sockets that share the partitions of one topic: partition p is
// led by broker p modulo their number, and another broker refuses to list its
// offsets.

import { WireReader } from "../../../shared/kafka/protocol/wire-reader.ts";
import { WireWriter } from "../../../shared/kafka/protocol/wire-writer.ts";
import {
  type ApiName,
  SCRIPTED_TOPIC,
  SCRIPTED_TOPIC_ID,
  type ScriptedBroker,
  startScriptedBroker,
} from "./scripted-broker.ts";

const NOT_LEADER_OR_FOLLOWER = 6;
const EARLIEST = -2n;

export interface ScriptedClusterOptions {
  readonly partitions: number;
  /** Of every partition. */
  readonly endOffset: bigint;
  /** @default 3 */
  readonly brokers?: number;
}

export interface ScriptedCluster {
  readonly bootstrapServers: readonly string[];
  /** How often each broker was called, in their order. */
  calls(api: ApiName): readonly number[];
  close(): Promise<void>;
}

export async function startScriptedCluster(options: ScriptedClusterOptions): Promise<ScriptedCluster> {
  const { partitions, endOffset, brokers: size = 3 } = options;
  const brokers: ScriptedBroker[] = [];
  for (let index = 0; index < size; index += 1) {
    const isLeader = (partition: number) => partition % size === index;
    const broker = await startScriptedBroker({ batches: [], endOffset }, ({ api, body, answer }) => {
      switch (api) {
        case "metadata":
          return { kind: "send", bytes: answer(metadataAnswer(brokers, partitions)) };
        case "listOffsets":
          return { kind: "send", bytes: answer(listOffsetsAnswer(body, isLeader, endOffset)) };
        default:
          return undefined;
      }
    });
    brokers.push(broker);
  }
  return {
    bootstrapServers: brokers.map(({ bootstrapServers }) => bootstrapServers),
    calls: (api) => brokers.map(({ calls }) => calls.filter((call) => call === api).length),
    close: async () => {
      await Promise.all(brokers.map((broker) => broker.close()));
    },
  };
}

function metadataAnswer(brokers: readonly ScriptedBroker[], partitions: number): Buffer {
  const writer = new WireWriter().int32(0);
  writer.array([...brokers.entries()], ([index, { port }]) => {
    writer.int32(index).string("127.0.0.1").int32(port).uvarint(0).tags();
  });
  writer.uvarint(0).int32(0);
  writer.array([SCRIPTED_TOPIC], (name) => {
    writer.int16(0).string(name).uuid(SCRIPTED_TOPIC_ID).boolean(false);
    writer.array([...Array(partitions).keys()], (partition) => {
      writer
        .int16(0)
        .int32(partition)
        .int32(partition % brokers.length)
        .int32(0);
      for (let list = 0; list < 3; list += 1) {
        writer.array([], () => undefined);
      }
      writer.tags();
    });
    writer.int32(0).tags();
  });
  return writer.tags().finish();
}

function listOffsetsAnswer(body: Buffer, isLeader: (partition: number) => boolean, endOffset: bigint): Buffer {
  const writer = new WireWriter().int32(0);
  writer.array(readQueries(body), ({ topic, queries }) => {
    writer.string(topic).array(queries, ({ partition, timestamp }) => {
      const offset = timestamp === EARLIEST ? 0n : endOffset;
      writer.int32(partition).int16(isLeader(partition) ? 0 : NOT_LEADER_OR_FOLLOWER);
      writer.int64(-1n).int64(offset).int32(0).tags();
    });
    writer.tags();
  });
  return writer.tags().finish();
}

/** What a ListOffsets v7 request asks for. */
function readQueries(body: Buffer) {
  const reader = new WireReader(body);
  reader.int32(); // Replica id.
  reader.bytes(1); // Isolation level.
  return reader.array(() => {
    const topic = reader.string();
    const queries = reader.array(() => {
      const partition = reader.int32();
      reader.int32(); // Current leader epoch.
      const query = { partition, timestamp: reader.int64() };
      reader.skipTags();
      return query;
    });
    reader.skipTags();
    return { topic, queries };
  });
}
