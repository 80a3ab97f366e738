import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createGzip, zstdCompressSync } from "node:zlib";
import { ByteWriter, parquetWriteRows } from "hyparquet-writer";
import { Kafka } from "kafkajs";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";
import type { OpenArchiver } from "./archiving.ts";
import { ORDER_COLUMNS } from "./order-columns.ts";

interface Message {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What a Parquet file has of a message. */
interface Rows {
  readonly columns: Parameters<typeof parquetWriteRows>[0]["columns"];
  readonly rowOf: (message: Message) => Record<string, unknown>;
}

const ROWS_PER_GROUP = 20_000;

const ENVELOPE: Rows = {
  columns: [
    { name: "offset", type: "INT64" },
    { name: "timestamp", type: "TIMESTAMP" },
    { name: "key", type: "STRING" },
    { name: "value", type: "STRING" },
  ],
  rowOf: ({ offset, timestamp, key, value }) => ({
    offset: BigInt(offset),
    timestamp: new Date(Number(timestamp)),
    key: key?.toString(),
    value: value?.toString(),
  }),
};

const DECLARED: Rows = {
  // The writer has the same types, in capitals.
  columns: Object.entries(ORDER_COLUMNS).map(([name, type]) => ({
    name,
    type: type.toUpperCase() as Uppercase<typeof type>,
  })),
  rowOf: ({ value }) => {
    const order = JSON.parse(String(value));
    return { ...order, customerId: BigInt(order.customerId), createdAt: new Date(order.createdAt) };
  },
};

/** What one writes in an afternoon: a consumer, a writer, and the object put as a whole. */
export const openKafkajsArchiver: OpenArchiver = ({ bootstrapServers, endpoint }) => {
  const kafka = new Kafka(silentKafkaOptions("bench", bootstrapServers));
  return async ({ topic, lastOffset, format }) => {
    const messages = consume(kafka, topic, lastOffset);
    const { body, records } = format === "lines-gzip" ? await gzipLines(messages) : await parquetRows(messages, format);
    await fetch(`${endpoint}/bench/${topic}`, { method: "PUT", body });
    return { records, bytes: body.length };
  };
};

async function* consume(kafka: Kafka, topic: string, lastOffset: number): AsyncGenerator<Message> {
  const consumer = kafka.consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const waiting: Message[][] = [];
  let wake = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      waiting.push(batch.messages);
      wake.resolve();
      await taken.promise;
    },
  });
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      for (const message of waiting.splice(0).flat()) {
        yield message;
        if (Number(message.offset) >= lastOffset) {
          return;
        }
      }
      taken.resolve();
      taken = Promise.withResolvers();
    }
  } finally {
    taken.resolve();
    await consumer.disconnect();
  }
}

async function gzipLines(messages: AsyncIterable<Message>) {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on("data", (piece: Buffer) => pieces.push(piece));
  let records = 0;
  for await (const { value } of messages) {
    records += 1;
    if (!gzip.write(`${value?.toString()}\n`)) {
      await once(gzip, "drain");
    }
  }
  const ended = once(gzip, "end");
  gzip.end();
  await ended;
  return { body: Buffer.concat(pieces), records };
}

async function parquetRows(messages: AsyncIterable<Message>, format: string) {
  const writer = new ByteWriter();
  const { columns, rowOf } = format === "parquet-declared-snappy" ? DECLARED : ENVELOPE;
  let records = 0;
  const rows = async function* () {
    for await (const message of messages) {
      records += 1;
      yield rowOf(message);
    }
  };
  await parquetWriteRows({
    writer,
    rows: rows(),
    columns,
    rowGroupSize: ROWS_PER_GROUP,
    codec: format === "parquet-zstd" ? "ZSTD" : "SNAPPY",
    compressors: { ZSTD: (page) => zstdCompressSync(page) },
  });
  return { body: Buffer.from(writer.getBytes()), records };
}
