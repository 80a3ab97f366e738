// Scripted broker
//
// A broker on a real socket that serves one small log and does what a script says
// where a real one cannot be told to: any error code at any step, silence, cut or
// dripping answers.

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { WireWriter } from "../../../shared/kafka/protocol/wire-writer.ts";

export const SCRIPTED_TOPIC = "orders";
export const SCRIPTED_TOPIC_ID = "01234567-89ab-cdef-0123-456789abcdef";

const API_NAMES: Readonly<Record<number, ApiName>> = {
  1: "fetch",
  2: "listOffsets",
  3: "metadata",
  18: "apiVersions",
  23: "offsetForLeaderEpoch",
};

export type ApiName = "fetch" | "listOffsets" | "metadata" | "apiVersions" | "offsetForLeaderEpoch";

export interface ScriptedCall {
  readonly api: ApiName;
  /** How many calls of this kind came before. */
  readonly index: number;
  readonly body: Buffer;
  /** Of a fetch. */
  readonly fetchOffset: bigint;
  /** Sends the answer as the broker would, or as the options say. */
  readonly answer: (body: Buffer) => Buffer;
}

/** What to send: bytes (all frames included), bytes one by one, nothing, or the end of the connection. */
export type Reply =
  | { readonly kind: "send"; readonly bytes: Buffer }
  | { readonly kind: "drip"; readonly bytes: Buffer; readonly everyMs: number }
  | { readonly kind: "silence" }
  | { readonly kind: "sendAndClose"; readonly bytes: Buffer };

/** What is not scripted is answered from the log. */
export type Script = (call: ScriptedCall, broker: ScriptedBroker) => Reply | undefined;

export interface ScriptedBroker {
  readonly bootstrapServers: string;
  readonly port: number;
  /** How many connections were ever made, and how many are open now. */
  readonly connections: { made: number; open: number };
  /** Names of the calls that came, in order. */
  readonly calls: readonly ApiName[];
  close(): Promise<void>;
}

export interface ScriptedLog {
  /** In offset order. */
  readonly batches: readonly { readonly baseOffset: bigint; readonly nextOffset: bigint; readonly bytes: Buffer }[];
  readonly endOffset: bigint;
}

export async function startScriptedBroker(log: ScriptedLog, script: Script = () => undefined): Promise<ScriptedBroker> {
  const sockets = new Set<Socket>();
  const calls: ApiName[] = [];
  const connections = { made: 0, open: 0 };
  const server = createServer((socket) => {
    sockets.add(socket);
    connections.made += 1;
    connections.open += 1;
    socket.on("error", () => undefined); // A client that goes away at once is part of the game.
    socket.on("close", () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
    readRequests(socket, (api, correlationId, body) => {
      const index = calls.filter((call) => call === api).length;
      calls.push(api);
      const answer = (bytes: Buffer) => frame(api, correlationId, bytes);
      const fetchOffset = api === "fetch" ? body.readBigInt64BE(51) : -1n;
      const call = { api, index, body, fetchOffset, answer };
      reply(socket, script(call, broker) ?? { kind: "send", bytes: answer(answerFromLog(log, call, broker)) });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const broker: ScriptedBroker = {
    bootstrapServers: `127.0.0.1:${port}`,
    port,
    connections,
    calls,
    close: async () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await once(server, "close");
    },
  };
  return broker;
}

function readRequests(socket: Socket, onRequest: (api: ApiName, correlationId: number, body: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE()) {
      const request = pending.subarray(4, 4 + pending.readInt32BE());
      pending = pending.subarray(4 + request.length);
      const api = API_NAMES[request.readInt16BE()];
      if (api === undefined) {
        throw new Error(`the scripted broker knows no API ${request.readInt16BE()}`);
      }
      const bodyAt = 10 + request.readInt16BE(8) + (api === "apiVersions" ? 0 : 1);
      onRequest(api, request.readInt32BE(4), request.subarray(bodyAt));
    }
  });
}

function reply(socket: Socket, what: Reply): void {
  switch (what.kind) {
    case "send":
      socket.write(what.bytes);
      return;
    case "sendAndClose":
      socket.end(what.bytes);
      return;
    case "silence":
      return;
    case "drip":
      drip(socket, what.bytes, what.everyMs);
  }
}

function drip(socket: Socket, bytes: Buffer, everyMs: number): void {
  let position = 0;
  const timer = setInterval(() => {
    if (position < bytes.length && !socket.destroyed) {
      socket.write(bytes.subarray(position, position + 1));
      position += 1;
    } else {
      clearInterval(timer);
    }
  }, everyMs);
}

function frame(api: ApiName, correlationId: number, body: Buffer): Buffer {
  const header = Buffer.alloc(api === "apiVersions" ? 8 : 9);
  header.writeInt32BE(header.length - 4 + body.length);
  header.writeInt32BE(correlationId, 4);
  return Buffer.concat([header, body]);
}

function answerFromLog(log: ScriptedLog, call: ScriptedCall, broker: ScriptedBroker): Buffer {
  switch (call.api) {
    case "apiVersions":
      return apiVersionsAnswer();
    case "metadata":
      return metadataAnswer({ port: broker.port });
    case "listOffsets":
      return listOffsetsAnswer({
        offset: call.body.readBigInt64BE(4 + 1 + 1 + 1 + SCRIPTED_TOPIC.length + 1 + 8) === -2n ? 0n : log.endOffset,
      });
    case "offsetForLeaderEpoch":
      return offsetForLeaderEpochAnswer({ leaderEpoch: 0, endOffset: log.endOffset });
    case "fetch":
      return fetchAnswer({ endOffset: log.endOffset, records: firstBatchFrom(log, call.fetchOffset) });
  }
}

/** One batch per fetch. */
function firstBatchFrom({ batches }: ScriptedLog, offset: bigint): Buffer {
  return batches.find(({ nextOffset }) => nextOffset > offset)?.bytes ?? Buffer.alloc(0);
}

export function apiVersionsAnswer(maxFetchVersion = 17): Buffer {
  const versions = [
    [1, 4, maxFetchVersion],
    [2, 1, 10],
    [3, 0, 13],
    [17, 0, 1],
    [18, 0, 4],
    [23, 2, 4],
    [36, 0, 2],
  ];
  const writer = new WireWriter().int16(0).int32(versions.length);
  for (const value of versions.flat()) {
    writer.int16(value);
  }
  return writer.int32(0).finish();
}

export interface MetadataAnswer {
  readonly port: number;
  readonly errorCode?: number;
  readonly topicId?: string;
  readonly leaderId?: number;
  readonly leaderEpoch?: number;
  readonly partitionErrorCode?: number;
  /** Port of a second broker with node id 2. */
  readonly followerPort?: number;
}

export function metadataAnswer({
  port,
  errorCode = 0,
  topicId = SCRIPTED_TOPIC_ID,
  leaderId = 1,
  leaderEpoch = 0,
  partitionErrorCode = 0,
  followerPort,
}: MetadataAnswer): Buffer {
  const writer = new WireWriter().int32(0);
  const ports = followerPort === undefined ? [port] : [port, followerPort];
  writer.array([...ports.entries()], ([index, brokerPort]) => {
    writer
      .int32(index + 1)
      .string("127.0.0.1")
      .int32(brokerPort)
      .uvarint(0)
      .tags();
  });
  writer.uvarint(0).int32(1);
  writer.array([SCRIPTED_TOPIC], (name) => {
    writer.int16(errorCode).string(name).uuid(topicId).boolean(false);
    writer.array(errorCode === 0 ? [0] : [], (partition) => {
      writer.int16(partitionErrorCode).int32(partition).int32(leaderId).int32(leaderEpoch);
      writer
        .array([], () => undefined)
        .array([], () => undefined)
        .array([], () => undefined)
        .tags();
    });
    writer.int32(0).tags();
  });
  return writer.tags().finish();
}

export interface ListOffsetsAnswer {
  readonly errorCode?: number;
  readonly offset: bigint;
}

export function listOffsetsAnswer({ errorCode = 0, offset }: ListOffsetsAnswer): Buffer {
  const writer = new WireWriter().int32(0);
  writer.array([SCRIPTED_TOPIC], (topic) => {
    writer.string(topic).array([0], (partition) => {
      writer.int32(partition).int16(errorCode).int64(-1n).int64(offset).int32(0).tags();
    });
    writer.tags();
  });
  return writer.tags().finish();
}

export interface OffsetForLeaderEpochAnswer {
  readonly errorCode?: number;
  readonly leaderEpoch: number;
  readonly endOffset: bigint;
}

export function offsetForLeaderEpochAnswer(answer: OffsetForLeaderEpochAnswer): Buffer {
  const { errorCode = 0, leaderEpoch, endOffset } = answer;
  const writer = new WireWriter().int32(0);
  writer.array([SCRIPTED_TOPIC], (topic) => {
    writer.string(topic).array([0], (partition) => {
      writer.int16(errorCode).int32(partition).int32(leaderEpoch).int64(endOffset).tags();
    });
    writer.tags();
  });
  return writer.tags().finish();
}

export interface FetchAnswer {
  readonly errorCode?: number;
  readonly topLevelErrorCode?: number;
  readonly throttleTimeMs?: number;
  readonly topicId?: string;
  readonly partition?: number;
  readonly endOffset?: bigint;
  readonly logStartOffset?: bigint;
  readonly records?: Buffer;
  readonly preferredReadReplica?: number;
}

export function fetchAnswer(answer: FetchAnswer): Buffer {
  const { errorCode = 0, endOffset = -1n, logStartOffset = 0n, records = Buffer.alloc(0) } = answer;
  const writer = new WireWriter()
    .int32(answer.throttleTimeMs ?? 0)
    .int16(answer.topLevelErrorCode ?? 0)
    .int32(0);
  writer.array([answer.topicId ?? SCRIPTED_TOPIC_ID], (topicId) => {
    writer.uuid(topicId).array([answer.partition ?? 0], (partition) => {
      writer.int32(partition).int16(errorCode).int64(endOffset).int64(endOffset).int64(logStartOffset);
      writer
        .array(null, () => undefined)
        .int32(answer.preferredReadReplica ?? -1)
        .uvarint(records.length + 1)
        .bytes(records)
        .tags();
    });
    writer.tags();
  });
  return writer.tags().finish();
}
