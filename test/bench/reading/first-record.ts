import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import type { ReadTask } from "./reading.ts";

/** How many requests a fresh reader sends, given leader, epoch and topic id, until it has a range's first record. */
export async function countRequestsToFirstRecord(task: ReadTask): Promise<number> {
  const proxy = await startCountingProxy(task.leader.port);
  const reader = createKafkaRangeReader({ clientId: "bench", bootstrapServers: [`127.0.0.1:${proxy.port}`] });
  const { topic, topicId, fromOffset, untilOffset, isolationLevel } = task;
  const range = { topic, partition: 0, fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset) };
  const leader = { ...task.leader, port: proxy.port };
  let requests: number | undefined;
  for await (const _ of reader.readRange({ range, topicId, leader, isolationLevel }).batches()) {
    requests = proxy.requestsAnswered();
    break;
  }
  await reader.close();
  proxy.close();
  if (requests === undefined) {
    throw new Error(`no record came from ${topic}`);
  }
  return requests;
}

/** Counts the round trips: requests on the way to the broker that were followed by an answer. */
async function startCountingProxy(brokerPort: number) {
  const sockets: Socket[] = [];
  let sent = 0;
  let answered = 0;
  const server = createServer((client) => {
    const broker = connect(brokerPort, "127.0.0.1");
    sockets.push(client, broker);
    client.on("data", (bytes) => {
      sent += countFrames(bytes);
      broker.write(bytes);
    });
    broker.on("data", (bytes) => {
      answered = sent;
      client.write(bytes);
    });
    client.on("error", () => undefined);
    broker.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port, // A TCP server has an AddressInfo.
    requestsAnswered: () => answered,
    close: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}

/** Requests are small: each comes whole. */
function countFrames(bytes: Buffer): number {
  let frames = 0;
  for (let position = 0; position < bytes.length; position += 4 + bytes.readInt32BE(position)) {
    frames += 1;
  }
  return frames;
}
