import { randomUUID } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";

export interface OutputTable extends AsyncDisposable {
  readonly tableName: string;
  /** The values of the key attribute, sorted, with the sort key's behind a slash. */
  items(): Promise<readonly string[]>;
  /** The whole items, as plain objects. */
  rows(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** A table of a pipeline's own, with the key attribute `id` and, where asked for, the sort key `part`. */
export async function createOutputTable(
  client: DynamoDBClient,
  { hasSortKey = false }: { readonly hasSortKey?: boolean } = {},
): Promise<OutputTable> {
  const tableName = `outputs-${randomUUID()}`;
  const names = hasSortKey ? ["id", "part"] : ["id"];
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    }),
  );
  return {
    tableName,
    items: async () => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
      return Items.map((item) => names.map((name) => item[name]?.S).join("/")).toSorted();
    },
    rows: async () => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
      return Items.map((item) => unmarshall(item));
    },
    [Symbol.asyncDispose]: async () => {
      await client.send(new DeleteTableCommand({ TableName: tableName }));
    },
  };
}
