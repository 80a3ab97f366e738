import { createReadStream, statSync } from "node:fs";
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
    let messages: Message[] = [];
    for await (const message of recordsOf(file, format)) {
      messages.push(message);
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

/** Reads all of it, and sends nothing. Throws ConfigurationError for a line that is no record. */
export async function checkFile({ file, format }: Pick<ProducedFile, "file" | "format">): Promise<void> {
  // What can be read but once, a pipe say, is judged as it is sent.
  if (statSync(file).isFile()) {
    for await (const message of recordsOf(file, format)) {
      void message;
    }
  }
}

async function* recordsOf(file: string, format: LineFormat): AsyncIterable<Message> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== "") {
      yield readRecordLine(line, number, format);
    }
  }
}
