// The deploy guide's steps after a lost ledger, played through: a restored table holds
// the items of one moment under another name, without time to live.

import { randomUUID } from "node:crypto";
import { PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { expect, inject, test } from "vitest";
import { proveLedger } from "../../../functions/cli/commands/verify-ledger.ts";
import { dryDeps } from "../../../functions/scheduler/dry-run.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { createLedgerTable, type LedgerTable } from "../../support/ledger/ledger-table.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

const endpoint = inject("aws.endpoint");

/** As point-in-time recovery does: what the table holds now, in a table of another name. */
async function restore({ client, tableName }: LedgerTable): Promise<LedgerTable> {
  const restored = await createLedgerTable(endpoint);
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const Item of Items) {
      await client.send(new PutItemCommand({ TableName: restored.tableName, Item }));
    }
  }
  return restored;
}

/** What schedulers see of the table. */
function ledgerOn({ client, tableName }: LedgerTable): RangeLedger<never> {
  return createDynamoDBRangeLedger(client, { tableName, newId: randomUUID }) as RangeLedger<never>; // They carry no outputs.
}

test("G2, G6: a pipeline that adopts a restored table goes on from the moment that it was restored to", async () => {
  await using lost = await createLedgerTable(endpoint);
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);
  await bench.tick({}, { ledger: ledgerOn(lost) });
  await using restored = await restore(lost);
  bench.produceToEach(3);
  const adopted = { ledger: ledgerOn(restored) };

  // First what it would do, as a tick with `dryRun` answers it; then for good.
  const dry = await bench.tick({}, { ...dryDeps({ ...bench.deps, ...adopted }) });
  bench.clock.advance(bench.rules.dispatchTimeoutMs);
  const { partitions } = await bench.tick({}, adopted);

  expect(dry.partitions.map(({ kind }) => kind)).toEqual(["waiting", "waiting"]);
  expect(partitions).toMatchObject([
    { kind: "redispatched", fromOffset: 0n, untilOffset: 5n },
    { kind: "redispatched", fromOffset: 0n, untilOffset: 5n },
  ]);
  const proof = await proveLedger({ ledger: adopted.ledger, now: bench.clock.now }, "word-count");
  expect(proof).toMatchObject({ chains: 2, ranges: 2, problems: [] });
});

test("a stack deployed anew beside a lost ledger would start afresh, and a dry run tells so", async () => {
  await using lost = await createLedgerTable(endpoint);
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);
  await bench.tick({}, { ledger: ledgerOn(lost) });
  await using empty = await createLedgerTable(endpoint);
  const ledger = ledgerOn(empty);

  const dry = await bench.tick({}, dryDeps({ ...bench.deps, ledger }));

  expect(dry.partitions).toMatchObject([{ kind: "planned", fromOffset: 0n, untilOffset: 5n }]);
  expect(await ledger.readPipeline("word-count")).toBeUndefined();
});
