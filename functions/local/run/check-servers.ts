import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { joinProblems } from "../../../shared/core/bounded-text.ts";
import { RangeReadError } from "../../../shared/core/errors.ts";
import { REMOTE } from "../../../shared/dynamodb/calls/call-timeouts.ts";
import { createDynamoDBClient } from "../../../shared/dynamodb/calls/client.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { localClient } from "../deploy/local-aws.ts";

export interface OwnServers {
  readonly bootstrapServers?: string;
  readonly awsEndpoint?: string;
}

/** Throws RangeReadError, in one line, unless the user's own servers answer; before anything is made on them. */
export async function checkServers({ bootstrapServers, awsEndpoint }: OwnServers): Promise<void> {
  const problems = await Promise.all([
    bootstrapServers === undefined ? undefined : problemOf(() => askKafka(bootstrapServers)),
    awsEndpoint === undefined ? undefined : problemOf(() => askEndpoint(awsEndpoint)),
  ]);
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new RangeReadError(joinProblems(found));
  }
}

async function problemOf(ask: () => Promise<void>): Promise<string | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function askKafka(bootstrapServers: string): Promise<void> {
  const source = createKafkaOffsetSource({ clientId: "ranges-dev", bootstrapServers: bootstrapServers.split(",") });
  try {
    await source.describe({ topicPattern: "asked-of-the-brokers-whatever-they-have" });
  } finally {
    await source.close();
  }
}

async function askEndpoint(endpoint: string): Promise<void> {
  const client = createDynamoDBClient({ ...localClient(endpoint), maxAttempts: 1 }, REMOTE);
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeReadError(`no AWS endpoint answered: ${endpoint}: ${why}; is LocalStack up, and the port right?`, {
      cause,
    });
  } finally {
    client.destroy();
  }
}
