import { connect } from "node:net";
import type { BrokerAddress } from "../../../shared/kafka/connection/broker-address.ts";
import { type FetchRequest, fetchV13 } from "../../../shared/kafka/protocol/fetch-v13.ts";
import { WireReader } from "../../../shared/kafka/protocol/wire-reader.ts";
import { WireWriter } from "../../../shared/kafka/protocol/wire-writer.ts";

const SIZE_BYTES = 4;
/** Correlation id and the empty tagged fields of a response header. */
const RESPONSE_HEADER_BYTES = 5;
/** Api key, version, correlation id, absent client id, no tagged fields. */
const REQUEST_HEADER_BYTES = 11;
const PRODUCE_TIMEOUT_MS = 10_000;

interface RawRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Without its header. */
  readonly body: Buffer;
}

/** The body of one answer, untouched, over a socket of its own. */
export async function rawRequest(
  { host, port }: BrokerAddress,
  { apiKey, apiVersion, body }: RawRequest,
): Promise<Buffer> {
  const header = Buffer.alloc(SIZE_BYTES + REQUEST_HEADER_BYTES);
  header.writeInt32BE(REQUEST_HEADER_BYTES + body.length, 0);
  header.writeInt16BE(apiKey, 4);
  header.writeInt16BE(apiVersion, 6);
  header.writeInt16BE(-1, 12);
  const socket = connect(port, host);
  socket.write(Buffer.concat([header, body]));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= SIZE_BYTES && received.length === SIZE_BYTES + received.readInt32BE(0)) {
      break; // Which destroys the socket.
    }
  }
  return received.subarray(SIZE_BYTES + RESPONSE_HEADER_BYTES);
}

export async function fetchResponse(address: BrokerAddress, request: FetchRequest): Promise<Buffer> {
  const { apiKey, apiVersion } = fetchV13;
  return rawRequest(address, { apiKey, apiVersion, body: fetchV13.encode(request) });
}

/** Appends a record batch as it is to partition 0, by Produce v9, and returns where it stands or the broker's error code. */
export async function produceBatch(
  address: BrokerAddress,
  topic: string,
  batch: Buffer,
): Promise<{ readonly errorCode: number; readonly baseOffset: bigint }> {
  const writer = new WireWriter().uvarint(0).int16(-1).int32(PRODUCE_TIMEOUT_MS);
  writer.array([topic], (name) => {
    writer.string(name).array([0], (partition) => {
      writer
        .int32(partition)
        .uvarint(batch.length + 1)
        .bytes(batch)
        .tags();
    });
    writer.tags();
  });
  const reader = new WireReader(await rawRequest(address, { apiKey: 0, apiVersion: 9, body: writer.tags().finish() }));
  const [answer] = reader.array(() => {
    reader.string();
    const [partition] = reader.array(() => {
      reader.int32(); // Partition.
      const written = { errorCode: reader.int16(), baseOffset: reader.int64() };
      reader.int64(); // Log append time.
      reader.int64(); // Log start offset.
      reader.array(() => {
        reader.int32();
        reader.nullableString();
        reader.skipTags();
      });
      reader.nullableString(); // Error message.
      reader.skipTags();
      return written;
    });
    reader.skipTags();
    return partition;
  });
  if (answer === undefined) {
    throw new Error("the broker answered no partition");
  }
  return answer;
}
