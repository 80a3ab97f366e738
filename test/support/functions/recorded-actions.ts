// Recorded actions
//
// An endpoint in front of another, that writes down which IAM actions a request needs:
// of a transaction, which is granted by its parts, those of the parts.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface RecordingEndpoint extends AsyncDisposable {
  readonly url: string;
  /** The actions since the last call, each once, in order of their names. */
  take(): readonly string[];
}

const PARTS = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  ConditionCheck: "dynamodb:ConditionCheckItem",
} as const;

/** As IAM calls it, where the API has another name for several at once. */
const SINGLE: Readonly<Record<string, string>> = { ChangeMessageVisibilityBatch: "ChangeMessageVisibility" };

/** By what a call in JSON is aimed at. */
const SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: "dynamodb",
  AmazonSQS: "sqs",
  secretsmanager: "secretsmanager",
  AmazonSSM: "ssm",
};

/** Forwards the calls of AWS to the endpoint. */
export async function recordActions(endpoint: string): Promise<RecordingEndpoint> {
  let actions = new Set<string>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      for (const action of actionsOf(request, body)) {
        actions.add(action);
      }
      const { method = "", url = "" } = request;
      const answer = await fetch(new URL(url, endpoint), {
        method,
        headers: headersOf(request),
        ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
      });
      const kept = [...answer.headers].filter(
        ([name]) => !/^(content-(length|encoding)|transfer-encoding|connection)$/.test(name),
      );
      response.writeHead(answer.status, Object.fromEntries(kept));
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a path.
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => {
      const taken = [...actions].toSorted();
      actions = new Set();
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<unknown>();
      server.close(closed.resolve);
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function actionsOf({ method, url = "", headers }: IncomingMessage, body: Buffer): readonly string[] {
  if (/^\/2015-03-31\/functions\/[^/]+\/invocations$/.test(url)) {
    return ["lambda:InvokeFunction"];
  }
  const target = headers["x-amz-target"];
  if (target === undefined) {
    return [
      `s3:${method === "GET" && url.includes("?list-type=2") ? "ListBucket" : `${OF_OBJECT[method ?? ""]}Object`}`,
    ];
  }
  const [service = "", call = "unknown"] = String(target).split(".");
  if (call !== "TransactWriteItems") {
    return [`${SERVICES[service]}:${SINGLE[call] ?? call}`];
  }
  const { TransactItems }: { readonly TransactItems: readonly object[] } = JSON.parse(body.toString());
  // The SDK has checked the kinds of the items.
  return TransactItems.flatMap(Object.keys).map((kind) => PARTS[kind as keyof typeof PARTS]);
}

const OF_OBJECT: Readonly<Record<string, string>> = { GET: "Get", PUT: "Put", DELETE: "Delete" };

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const own = /^(host|connection|content-length|transfer-encoding|expect)$/;
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (own.test(name) ? [] : [[name, String(value)]])),
  );
}
