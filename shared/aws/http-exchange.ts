// HTTP exchange
//
// One request and its answer, in bounded time: connecting, waiting for the answer's head,
// and its body each have their own.

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { AwsCallError } from "./aws-call-error.ts";
import { MAX_ANSWER_BYTES } from "./limits.ts";

/** How long one try of a call may take, in milliseconds. */
export interface CallTimeouts {
  readonly connectMs: number;
  /** Until the head of the answer; its body gets as much again. */
  readonly requestMs: number;
}

/** Bytes are sent piece by piece, as they lie in memory. */
export type HttpBody = string | readonly Uint8Array[];

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The same as it came. */
  readonly bytes: Buffer;
}

export interface HttpConnections {
  /** Rejects with AwsCallError, named TimeoutError or as the system names what happened. */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface ConnectionLimits {
  readonly timeouts: CallTimeouts;
  readonly maxSockets: number;
  /** Of an https origin. @default - Node's own authorities, and no certificate of the client's */
  readonly tls?: ClientTls;
}

/** Whom a client trusts, and who it is. */
export type ClientTls = Pick<
  ConnectionOptions,
  "allowPartialTrustChain" | "ca" | "cert" | "checkServerIdentity" | "key" | "maxVersion" | "minVersion" | "passphrase"
>;

/** Connections to one origin, kept open between requests; what exceeds maxSockets waits its turn. */
export function openConnections(origin: URL, { timeouts, maxSockets, tls = {} }: ConnectionLimits): HttpConnections {
  const { request, agent } = transportOf(origin.protocol, maxSockets, tls);
  return {
    exchange: ({ method, url, headers, body }) => {
      const sending = request(url, {
        method,
        agent,
        headers: { ...headers, "content-length": byteLengthOf(body) },
      });
      const answer = answerOf(sending, timeouts);
      sendBody(sending, body);
      return answer;
    },
    close: () => agent.destroy(),
  };
}

function byteLengthOf(body: HttpBody): number {
  return typeof body === "string"
    ? Buffer.byteLength(body)
    : body.reduce((bytes, piece) => bytes + piece.byteLength, 0);
}

function sendBody(sending: ClientRequest, body: HttpBody): void {
  if (typeof body === "string") {
    sending.end(body);
  } else {
    sendPieces(sending, body);
  }
}

/**
 * Each once the ones before are on their way: who makes a body holds it in memory anyway, since it may be sent again, but
 * TLS holds two copies more of all that it is given at once.
 */
function sendPieces(sending: ClientRequest, pieces: readonly Uint8Array[]): void {
  const last = pieces.findIndex((piece) => !sending.write(piece));
  if (last < 0) {
    sending.end();
    return;
  }
  sending.once("drain", () => sendPieces(sending, pieces.slice(last + 1)));
}

/**
 * Not imported: a module that imports node:http reads each of its exports, and one of them loads undici, which is as
 * much as a fifth of a function's start. https://github.com/nodejs/node/blob/v24.x/lib/http.js, `lazyUndici`
 */
function transportOf(protocol: string, maxSockets: number, tls: ConnectionLimits["tls"]) {
  if (protocol === "http:") {
    const { request, Agent } = process.getBuiltinModule("node:http");
    return { request, agent: new Agent({ keepAlive: true, maxSockets }) };
  }
  const { request, Agent } = process.getBuiltinModule("node:https");
  return { request, agent: new Agent({ keepAlive: true, maxSockets, ...tls }) };
}

function answerOf(sending: ClientRequest, { connectMs, requestMs }: CallTimeouts): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  let timer: NodeJS.Timeout | undefined;
  const allow = (limitMs: number, what: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => sending.destroy(new TimeoutError(`${what} within ${limitMs} ms`)), limitMs);
  };
  const fail = (error: Error) => {
    clearTimeout(timer);
    reject(connectionError(error));
  };
  sending.on("error", fail);
  sending.on("socket", (socket) => {
    if (!socket.connecting) {
      allow(requestMs, "no answer");
      return;
    }
    allow(connectMs, "no connection");
    socket.once(isEncrypted(socket) ? "secureConnect" : "connect", () => allow(requestMs, "no answer"));
  });
  let isAnswered = false;
  // Without an error where the answer asks for another protocol.
  sending.on("close", () => isAnswered || fail(new Error("the connection closed without an answer")));
  sending.on("response", (response) => {
    isAnswered = true;
    allow(requestMs, "no whole answer");
    const pieces: Buffer[] = [];
    let bytes = 0;
    response.on("data", (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > MAX_ANSWER_BYTES) {
        sending.destroy(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`));
      }
    });
    response.on("error", fail);
    response.on("end", () => {
      clearTimeout(timer);
      const { statusCode = 0, headers } = response;
      const whole = Buffer.concat(pieces);
      resolve({ statusCode, headers, body: whole.toString(), bytes: whole });
    });
  });
  return promise;
}

function isEncrypted(socket: Socket): boolean {
  return "encrypted" in socket;
}

class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

function connectionError(error: Error): AwsCallError {
  const name = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return new AwsCallError(error.message, { name, cause: error });
}
