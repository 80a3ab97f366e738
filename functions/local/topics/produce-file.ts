import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Kafka, type Message } from "kafkajs";
import { silentKafkaOptions } from "../servers/silent-kafka.ts";
import { type LineFormat, readRecordLine } from "./read-record-line.ts";

const MAX_RECORDS_PER_REQUEST = 1_000;

export interface ProducedFile {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly file: string;
  readonly format: LineFormat;
}

/** Appends the file's lines, but for empty ones, to the topic; how many. Throws ConfigurationError for a line that is no record. */
export async function produceFile({ bootstrapServers, topic, file, format }: ProducedFile): Promise<number> {
  const producer = new Kafka(silentKafkaOptions("ranges-dev", bootstrapServers)).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  let produced = 0;
  const send = async (messages: Message[]) => {
    await producer.send({ topic, acks: -1, messages });
    produced += messages.length;
  };
  try {
    let number = 0;
    let messages: Message[] = [];
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() !== "") {
        messages.push(readRecordLine(line, number, format));
      }
      if (messages.length === MAX_RECORDS_PER_REQUEST) {
        await send(messages);
        messages = [];
      }
    }
    if (messages.length > 0) {
      await send(messages);
    }
    return produced;
  } finally {
    await producer.disconnect();
  }
}
