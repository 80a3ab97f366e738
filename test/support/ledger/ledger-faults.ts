// Ledger faults
//
// What a network does to a client that a local engine cannot be told to do: losing
// the answer to a request that was carried out, and answering with an error instead
// of carrying it out. Both sit below the SDK's retries.

import { randomUUID } from "node:crypto";
import { type DynamoDBClient, InternalServerError } from "@aws-sdk/client-dynamodb";

export interface LostAnswers {
  /** How many answers get lost, one after the other. */
  readonly times: number;
  /** What comes in the answer's place. */
  readonly how: "time-out" | "server error" | (() => Error);
  /** Runs between a request's execution and the loss of its answer. */
  readonly meanwhile?: () => Promise<unknown>;
}

export interface Faults {
  /** Answers that did get lost. */
  readonly lost: number;
  /** Requests that reached the engine. */
  readonly sent: number;
}

/** Loses the answers to the writes that come next, whatever they say; the writes are carried out. */
export function loseAnswers(client: DynamoDBClient, { times, how, meanwhile }: LostAnswers): Faults {
  const faults = { lost: 0, sent: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!commandName?.match(/^(Put|Update|TransactWrite)/)) {
          return next(args);
        }
        if (commandName === "TransactWriteItemsCommand") {
          forgetToken(args.request);
        }
        faults.sent += 1;
        const answer = next(args);
        await Promise.allSettled([answer]);
        if (faults.lost < times) {
          faults.lost += 1;
          await meanwhile?.();
          throw typeof how === "function" ? how() : losses[how]();
        }
        return answer;
      },
    { step: "finalizeRequest", priority: "low", name: "loseAnswers", override: true },
  );
  return faults;
}

/** Answers the commands of this name with errors, without sending them; undefined lets one through. */
export function answerWith(client: DynamoDBClient, command: string, error: (sent: number) => Error | undefined): void {
  let sent = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const thrown = commandName === command ? error(sent++) : undefined;
        if (thrown !== undefined) {
          throw thrown;
        }
        return next(args);
      },
    { step: "finalizeRequest", priority: "low", name: `answer ${command}`, override: true },
  );
}

/** Each try gets a token of its own, as a retry after the token's ten minutes would have. */
function forgetToken(request: unknown): void {
  if (typeof request !== "object" || request === null || !("body" in request && request.body instanceof Uint8Array)) {
    throw new Error("the request has no bytes for a body");
  }
  const body = new TextDecoder().decode(request.body);
  const replaced = body.replace(/("ClientRequestToken":")[^"]{36}"/, `$1${randomUUID()}"`);
  if (replaced === body) {
    throw new Error("the transaction has no token to replace");
  }
  request.body = new TextEncoder().encode(replaced);
}

const losses = { "time-out": timeOut, "server error": serverError };

function timeOut(): Error {
  return Object.assign(new Error("socket hang up"), { name: "TimeoutError", code: "ECONNRESET" });
}

function serverError(): Error {
  return new InternalServerError({ message: "internal server error", $metadata: { httpStatusCode: 500 } });
}
