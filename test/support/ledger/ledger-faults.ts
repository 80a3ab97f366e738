// Ledger faults
//
// What a network does to a client that a local engine cannot be told to do: losing
// the answer to a request that was carried out, and answering with an error instead
// of carrying it out.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { DynamoDBCalls } from "../../../shared/dynamodb/calls/dynamodb-calls.ts";

export interface LostAnswers {
  /** How many answers get lost, one after the other. */
  readonly times: number;
  /** What comes in the answer's place: nothing, an error of the server's, or this refusal. */
  readonly how: "time-out" | "server error" | object;
  /** Runs between a request's execution and the loss of its answer. */
  readonly meanwhile?: () => Promise<unknown>;
}

export interface Faults {
  /** Answers that did get lost. */
  readonly lost: number;
  /** Writes that reached the engine. */
  readonly sent: number;
}

export interface LossyEndpoint extends AsyncDisposable {
  readonly endpoint: string;
  /** Loses the answers to the writes that come next, whatever they say; the writes are carried out. */
  lose(losses: LostAnswers): Faults;
}

/** An endpoint before the engine's. */
export async function startLossyEndpoint(engine: string): Promise<LossyEndpoint> {
  let losses: LostAnswers = { times: 0, how: "time-out" };
  let faults = { lost: 0, sent: 0 };
  const server = createServer((request, response) => void pass(request, response));
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const isWrite = /^(Put|Update|TransactWrite)/.test(operation);
    faults.sent += isWrite ? 1 : 0;
    const answer = await forward(engine, request, operation);
    if (!isWrite || faults.lost >= losses.times) {
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(answer.body);
      return;
    }
    faults.lost += 1;
    const { how, meanwhile } = losses;
    await meanwhile?.();
    lose(response, how);
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  return {
    endpoint: `http://127.0.0.1:${port}`,
    lose: (next) => {
      losses = next;
      faults = { lost: 0, sent: 0 };
      return faults;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function forward(engine: string, request: IncomingMessage, operation: string) {
  const body = await text(request);
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === "string" && !["host", "connection", "content-length"].includes(name)
      ? [[name, value] as const]
      : [],
  );
  const answer = await fetch(engine, {
    method: "POST",
    headers: Object.fromEntries(headers),
    body: operation === "TransactWriteItems" ? forgetToken(body) : body,
  });
  return { status: answer.status, body: await answer.text() };
}

function lose(response: ServerResponse, how: LostAnswers["how"]): void {
  if (how === "time-out") {
    response.destroy();
  } else if (how === "server error") {
    response.writeHead(500).end('{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}');
  } else {
    response.writeHead(400).end(JSON.stringify(how));
  }
}

/** Each try gets a token of its own, as a retry after the token's ten minutes would have. */
function forgetToken(body: string): string {
  const replaced = body.replace(/("ClientRequestToken":")[^"]{36}"/, `$1${randomUUID()}"`);
  if (replaced === body) {
    throw new Error("the transaction has no token to replace");
  }
  return replaced;
}

/** Answers the calls of this name with errors, without sending them; undefined lets one through. */
export function answerWith(
  calls: DynamoDBCalls,
  call: keyof DynamoDBCalls,
  error: (sent: number) => Error | undefined,
): DynamoDBCalls {
  let sent = 0;
  return new Proxy(calls, {
    get: (target, name) => {
      const send: unknown = Reflect.get(target, name);
      return name === call && typeof send === "function"
        ? async (input: unknown) => {
            const thrown = error(sent++);
            if (thrown !== undefined) {
              throw thrown;
            }
            return send(input);
          }
        : send;
    },
  });
}
