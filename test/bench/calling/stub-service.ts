// AWS in a process of its own, so that its CPU is nobody else's: DynamoDB as far as the ledger
// of a scheduler run asks it, without conditions, and Lambda's asynchronous Invoke.

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

interface Item {
  readonly [name: string]: { readonly S?: string };
}

interface Input {
  readonly TableName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ExpressionAttributeValues?: Item;
  readonly TransactItems?: readonly { readonly Put?: { readonly TableName?: string; readonly Item?: Item } }[];
}

/** By table and partition key the items by sort key; what is read is always the last one. */
const table = new Map<string, Map<string, Item>>();

const server = createServer((request, response) => {
  void answer(request).then(
    ({ status, body }) => response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body),
    (error: unknown) =>
      response.writeHead(400).end(JSON.stringify({ __type: "ValidationException", message: String(error) })),
  );
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo; // A server on a port has one.
createInterface({ input: process.stdin })
  // Whatever it is asked.
  .on("line", () => process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`))
  .on("close", () => process.exit(0));

async function answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: string }> {
  const body = await text(request);
  const [, operation] = String(request.headers["x-amz-target"] ?? ".Invoke").split(".");
  if (operation === "Invoke") {
    return { status: 202, body: "" };
  }
  const input: Input = JSON.parse(body);
  return { status: 200, body: JSON.stringify(carryOut(operation ?? "", input)) };
}

function carryOut(operation: string, input: Input): object {
  const { TableName, Item, Key, ExpressionAttributeValues, TransactItems = [] } = input;
  switch (operation) {
    case "GetItem": {
      const found = table.get(`${TableName} ${Key?.["pk"]?.S}`)?.get(Key?.["sk"]?.S ?? "");
      return found === undefined ? {} : { Item: found };
    }
    case "Query": {
      const items =
        table.get(`${TableName} ${ExpressionAttributeValues?.[":partitionKey"]?.S}`) ?? new Map<string, Item>();
      return { Items: [...items.values()].slice(-1) };
    }
    default:
      for (const put of [{ TableName, Item }, ...TransactItems.map(({ Put }) => Put)]) {
        store(put?.TableName, put?.Item);
      }
      return {};
  }
}

function store(tableName: string | undefined, item: Item | undefined): void {
  const { pk, sk } = item ?? {};
  if (item !== undefined && pk?.S !== undefined && sk?.S !== undefined) {
    const key = `${tableName} ${pk.S}`;
    const items = table.get(key) ?? new Map<string, Item>();
    items.set(sk.S, item);
    table.set(key, items);
  }
}
