// The ledger's model on real engines: whatever schedulers, processors and operators do
// in any order, with records that are out of date and answers that get lost after the
// write was applied, the engine's ledger answers and keeps what the model's does.

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { ChangeOutcome, RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createInMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { startLossyEndpoint } from "../../support/ledger/ledger-faults.ts";
import { eventOf, ledgerStep, OWNERS, outputOf, plannedRange } from "../../support/ledger/ledger-model.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";

/** So far ahead that no engine's clock takes a record for expired. */
const START = Date.parse("2096-01-01");
const RUNS = 30;
const MAX_STEPS = 25;

const faultyStep = fc.record({ step: ledgerStep, lostAnswers: fc.constantFrom(0, 0, 0, 1, 2) });

describe.each(DYNAMODB_ENGINES)("the ledger on $name", ({ endpointKey }) => {
  test("G3, G4, G5, L1, L3-L5: does under every interleaving what its model does", async () => {
    const subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    onTestFinished(() => subject[Symbol.asyncDispose]());
    await fc.assert(
      fc.asyncProperty(fc.array(faultyStep, { minLength: 5, maxLength: MAX_STEPS }), async (steps) => {
        // A client's budget of retries lasts for the answers that one run loses.
        await using lossy = await startLossyEndpoint(inject(endpointKey));
        const calls = openSignedLedger(lossy.endpoint);
        const ledger = createRangeLedger(calls, { tableName: subject.tableName, newId: randomUUID });
        const model = createInMemoryRangeLedger<string>();
        const planned = plannedRange({ pipeline: randomUUID(), topicId: randomUUID(), partition: 0 }, START);
        await Promise.all([model.planRange(planned), ledger.planRange(planned)]);
        // As the model and as the engine told each owner last.
        const seen = Array.from({ length: OWNERS }, () => ({ inModel: planned, inEngine: planned }));
        const asked = new Set<string>();
        let now = START;
        for (const { step, lostAnswers } of steps) {
          now += step.passesMs;
          const own = seen[step.owner] ?? { inModel: planned, inEngine: planned };
          const event = eventOf(step, own.inModel, now + step.skewMs);
          const outputs = outputOf(event, own.inModel).map(
            ([from, until]) => `${planned.chain.pipeline} ${from}-${until} ${asked.size}`,
          );
          for (const output of outputs) {
            asked.add(output);
          }
          lossy.lose({ times: lostAnswers, how: "time-out" });

          const expected = await model.changeRange(own.inModel, event, outputs);
          const actual = await ledger.changeRange(own.inEngine, event, outputs.map(subject.output));

          expect(comparable(actual)).toEqual(comparable(expected));
          if (expected.kind !== "missing" && actual.kind !== "missing") {
            seen[step.owner] = { inModel: expected.record, inEngine: actual.record };
          }
        }
        await expectSameEnd({ model, ledger, planned });
        for (const output of asked) {
          expect(await subject.timesApplied(output), output).toBe(model.outputs.includes(output) ? 1 : 0);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

interface Ledgers {
  readonly model: RangeLedger<never>;
  readonly ledger: RangeLedger<never>;
  readonly planned: RangeRecord;
}

async function expectSameEnd({ model, ledger, planned }: Ledgers): Promise<void> {
  const [expected, actual] = await Promise.all([model.newestRange(planned.chain), ledger.newestRange(planned.chain)]);
  expect(actual === undefined ? undefined : plain(actual)).toEqual(
    expected === undefined ? undefined : plain(expected),
  );
}

function comparable(outcome: ChangeOutcome): unknown {
  return outcome.kind === "missing" ? outcome : { ...outcome, record: plain(outcome.record) };
}

/** Without the name of the write, and with the time to live in DynamoDB's whole seconds. */
function plain({ writeId: _own, expiresAt, ...record }: RangeRecord): unknown {
  return expiresAt === undefined ? record : { ...record, expiresAt: Math.ceil(expiresAt / 1_000) };
}
