import assert from "node:assert/strict";
import { connect } from "node:net";
import { FETCH_MAX_BYTES, FETCH_MAX_WAIT_MS } from "../../../../shared/kafka/limits.ts";
import { fetchV13 } from "../../../../shared/kafka/protocol/fetch-v13.ts";
import { readBatchHeaders } from "../../../../shared/kafka/records/batch-header.ts";
import type { ReadTask, ReadTotals } from "../reading.ts";
import type { OpenReader } from "./open-reader.ts";
import { startMeter } from "./read-meter.ts";

const CHUNK_BYTES = 65_536;
const SIZE_BYTES = 4;
/** Size, correlation id and the empty tagged fields of a response header. */
const RESPONSE_HEADER_BYTES = 9;
const CLIENT_ID = "bench";

interface KnownAnswers {
  readonly offsets: readonly bigint[];
  readonly bytes: number;
  readonly totals: ReadTotals;
}

/**
 * How fast the bytes come when nothing is done with them. The first read looks into
 * the answers for the offsets to ask for; the later ones repeat the same requests
 * and must get as many bytes.
 */
export const openBareSocket: OpenReader = () => {
  const known = new Map<string, KnownAnswers>();
  const sockets = new Map<string, BareSocket>();
  return async (task) => {
    const { topic, leader } = task;
    const socket = sockets.get(topic) ?? (await openSocket(leader));
    sockets.set(topic, socket);
    const answers = known.get(topic) ?? (await learn(socket, task));
    known.set(topic, answers);

    const stop = startMeter();
    let bytes = 0;
    for (const offset of answers.offsets) {
      bytes += await socket.ask(fetchFrame(task, offset));
    }
    const result = stop(answers.totals);
    assert.equal(bytes, answers.bytes, "the same requests were answered with another number of bytes");
    return result;
  };
};

async function learn(socket: BareSocket, task: ReadTask): Promise<KnownAnswers> {
  const offsets: bigint[] = [];
  const totals = { records: 0, offsetSum: 0, keyBytes: 0, valueBytes: 0 };
  let bytes = 0;
  for (let offset = BigInt(task.fromOffset); offset < BigInt(task.untilOffset); ) {
    offsets.push(offset);
    const chunks: Buffer[] = [];
    bytes += await socket.ask(fetchFrame(task, offset), (chunk) => chunks.push(Buffer.from(chunk)));
    const { partition } = fetchV13.decode(Buffer.concat(chunks).subarray(RESPONSE_HEADER_BYTES));
    const headers = readBatchHeaders(partition?.records ?? Buffer.alloc(0));
    assert.ok(headers.length > 0, `no record batch came for offset ${offset}`);
    for (const { baseOffset, lastOffset, recordCount, isDense } of headers) {
      assert.ok(isDense && lastOffset < BigInt(task.untilOffset), "the bare socket reads whole, dense logs");
      totals.records += recordCount;
      totals.offsetSum += (recordCount * (Number(baseOffset) + Number(lastOffset))) / 2;
      offset = lastOffset + 1n;
    }
  }
  return { offsets, bytes, totals };
}

interface BareSocket {
  /** Sends a request and resolves to the length of its answer once all of it came. */
  ask(frame: Buffer, onChunk?: (chunk: Buffer) => void): Promise<number>;
}

async function openSocket({ host, port }: ReadTask["leader"]): Promise<BareSocket> {
  let answer: { readonly resolve: (bytes: number) => void; readonly onChunk?: (chunk: Buffer) => void } | undefined;
  let received = 0;
  let expected = 0;
  const accept = (length: number, buffer: Uint8Array) => {
    const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
    if (received === 0) {
      assert.ok(length >= SIZE_BYTES, "an answer's size came in pieces");
      expected = SIZE_BYTES + chunk.readInt32BE(0);
    }
    received += length;
    answer?.onChunk?.(chunk);
    if (received === expected) {
      received = 0;
      answer?.resolve(expected);
    }
    return true;
  };
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafeSlow(CHUNK_BYTES), callback: accept },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    ask: (frame, onChunk) =>
      new Promise((resolve) => {
        answer = { resolve, ...(onChunk === undefined ? {} : { onChunk }) };
        socket.write(frame);
      }),
  };
}

function fetchFrame({ topicId, leader, isolationLevel }: ReadTask, fetchOffset: bigint): Buffer {
  const body = fetchV13.encode({
    topicId,
    partition: 0,
    leaderEpoch: leader.leaderEpoch,
    fetchOffset,
    lastFetchedEpoch: -1,
    isolationLevel,
    maxWaitMs: FETCH_MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: FETCH_MAX_BYTES,
    rackId: "",
  });
  const header = Buffer.alloc(SIZE_BYTES + 10 + CLIENT_ID.length + 1);
  header.writeInt32BE(header.length - SIZE_BYTES + body.length, 0);
  header.writeInt16BE(fetchV13.apiKey, 4);
  header.writeInt16BE(fetchV13.apiVersion, 6);
  header.writeInt16BE(CLIENT_ID.length, 12);
  header.write(CLIENT_ID, 14);
  return Buffer.concat([header, body]);
}
