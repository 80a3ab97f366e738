import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";

/** A record as the pipeline wrote it down. */
export interface WrittenInteger {
  readonly offset: number;
  readonly value: number;
}

/** What the pipeline wrote for one source, and where its rows do not join. */
export interface SourceOutput {
  readonly integers: readonly WrittenInteger[];
  readonly breaks: readonly string[];
  /** What the state row counts. */
  readonly count: number;
}

export async function readSource(client: DynamoDBClient, tableName: string, source: string): Promise<SourceOutput> {
  const integers: WrittenInteger[] = [];
  const breaks: string[] = [];
  let count = 0;
  let end: string | undefined;
  const query = {
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: "#source = :source",
    ExpressionAttributeNames: { "#source": "source" },
    ExpressionAttributeValues: { ":source": { S: source } },
  };
  for await (const page of paginateQuery({ client }, query)) {
    for (const { row, from, until, entries, count: counted } of page.Items ?? []) {
      if (row?.S === "state") {
        count = Number(counted?.N);
        continue;
      }
      if (end !== undefined && from?.N !== end) {
        breaks.push(`${source} goes on at ${from?.N} after ${end}`);
      }
      end = until?.N;
      integers.push(...parseEntries(entries?.S ?? ""));
    }
  }
  return { integers, breaks, count };
}

function parseEntries(entries: string): readonly WrittenInteger[] {
  return entries
    .split(",")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [offset, value] = entry.split(":");
      return { offset: Number(offset), value: Number(value) };
    });
}
