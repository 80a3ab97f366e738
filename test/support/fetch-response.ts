import { connect } from "node:net";
import { type FetchRequest, fetchV13 } from "../../shared/kafka/fetch-v13.ts";
import type { BrokerAddress } from "../../shared/kafka/kafka-options.ts";

const SIZE_BYTES = 4;
/** Correlation id and the empty tagged fields of a response header. */
const RESPONSE_HEADER_BYTES = 5;
/** Api key, version, correlation id, absent client id, no tagged fields. */
const REQUEST_HEADER_BYTES = 11;

/** The body of one answer, untouched, over a socket of its own. */
export async function fetchResponse({ host, port }: BrokerAddress, request: FetchRequest): Promise<Buffer> {
  const body = fetchV13.encode(request);
  const header = Buffer.alloc(SIZE_BYTES + REQUEST_HEADER_BYTES);
  header.writeInt32BE(REQUEST_HEADER_BYTES + body.length, 0);
  header.writeInt16BE(fetchV13.apiKey, 4);
  header.writeInt16BE(fetchV13.apiVersion, 6);
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
