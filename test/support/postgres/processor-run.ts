// One invocation of a processor whose outputs go to PostgreSQL, with the ledger and the brokers of the integration tests.

import { randomUUID } from "node:crypto";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { withoutOutputs } from "../../../shared/core/ledger/without-outputs.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import type { ConnectionSettings } from "../../../shared/postgres/connection/connection-settings.ts";
import type { PostgresTransactionOptions } from "../../../shared/postgres/output/postgres-output.ts";
import { bulkStatement, type PostgresOutput } from "../../../shared/postgres/statements/postgres-statement.ts";
import { processorRules } from "../builders/builders.ts";
import { openSignedLedger } from "../ledger/ledger-table.ts";
import { createRecordingDeadLetters } from "../pipeline/recording-dead-letters.ts";
import { addToTotal, outputTo } from "./postgres-bench.ts";

export interface ProcessorRun {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly ledgerTable: string;
  readonly chain: ChainKey;
  readonly settings: ConnectionSettings;
  readonly options?: PostgresTransactionOptions;
  /** With "quarantine". @default - what each invocation can be told by: orders, and a sum of them */
  readonly outputsOf?: (offset: bigint, value: Buffer | null) => readonly PostgresOutput[];
  readonly onFailure?: "halt" | "quarantine";
  /** Records between two commits. */
  readonly commitEvery?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const insertOrder = bulkStatement<[id: bigint, content: string]>(
  "INSERT INTO orders (id, content) SELECT * FROM unnest($1::bigint[], $2::text[])",
);

/** A row per record, which must not come twice, and a sum of them, which shows it. */
function ordersOf(offset: bigint, value: Buffer | null): readonly PostgresOutput[] {
  return [insertOrder(offset, String(value)), addToTotal("records", 1)];
}

/** Answers with the values of the dead letters. */
export async function runProcessorOnce(run: ProcessorRun): Promise<readonly string[]> {
  const { bootstrapServers, ledgerTable, chain, settings, options, commitEvery = 3, onFailure = "halt", now } = run;
  const dynamodb = openSignedLedger(run.dynamodbEndpoint);
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const deadLetters = createRecordingDeadLetters();
  const ledger = createRangeLedger(dynamodb, { tableName: ledgerTable, newId: randomUUID });
  const process: ProcessFunction<PostgresOutput> = async (range) => {
    if (onFailure === "quarantine") {
      await range.writeEach(({ offset, value }) => (run.outputsOf ?? ordersOf)(offset, value));
      return;
    }
    for await (const { offset, value } of range.records()) {
      const isDue = (offset + 1n) % BigInt(commitEvery) === 0n;
      pending.push(...ordersOf(offset, value));
      await (isDue ? range.commit(offset + 1n, pending.splice(0)) : undefined);
    }
    return pending.splice(0);
  };
  const pending: PostgresOutput[] = [];
  const record = await ledger.newestRange(chain);
  const never = new AbortController().signal;
  if (record !== undefined) {
    await processAttempts(
      {
        ledger: withoutOutputs(ledger),
        output: outputTo(settings, options),
        reader,
        deadLetters,
        process,
        now: () => now,
        random: () => 0.5,
      },
      processorRules({ onFailure, maxAttempts: 2 }),
      { record },
      { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
    );
  }
  await reader.close();
  dynamodb.close();
  return deadLetters.shown();
}
