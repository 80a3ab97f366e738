import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { LedgerUnavailableError } from "../../../shared/core/errors.ts";
import type { ReprocessProgress } from "../../../shared/core/ledger/reprocess-request.ts";
import { LEDGER_REQUEST_ATTEMPTS } from "../../../shared/core/limits.ts";
import { NO_OUTCOMES } from "../../../shared/core/range/offset-outcomes.ts";
import { mergeProgress } from "../../../shared/core/reprocess/plan-reprocess.ts";
import { sdkCalls } from "../../../shared/dynamodb/calls/sdk-calls.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { PACING } from "../../support/builders/reprocess-builders.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { type LostAnswers, startLossyEndpoint } from "../../support/ledger/ledger-faults.ts";
import { createLedgerClient, openSignedLedger } from "../../support/ledger/ledger-table.ts";
import {
  aChain,
  aClaimedRange,
  aRange,
  changed,
  claimBy,
  commitOf,
  completionOf,
  LEASE_MS,
  leaseOf,
  NOW,
  toArray,
} from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import { aSplit, halvesOf } from "../../support/ledger/range-ledger-contract/split-cases.ts";

const CLIENTS = {
  "the functions": openSignedLedger,
  "the command line": (endpoint: string) => sdkCalls(createLedgerClient(endpoint)),
};
const cases = DYNAMODB_ENGINES.flatMap((engine) =>
  Object.entries(CLIENTS).map(([of, openCalls]) => ({ ...engine, of, openCalls })),
);

describe.each(cases)(
  "answers lost by $name to the client of $of after the write was applied",
  ({ endpointKey, openCalls }) => {
    let subject: DynamoDBLedgerUnderTest;
    beforeAll(async () => {
      subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    });
    afterAll(async () => {
      await subject[Symbol.asyncDispose]();
    });

    /** A ledger whose next answers get lost. */
    const losing = async (losses: LostAnswers) => {
      const lossy = await startLossyEndpoint(inject(endpointKey));
      onTestFinished(() => lossy[Symbol.asyncDispose]());
      const faults = lossy.lose(losses);
      return {
        ledger: createRangeLedger(openCalls(lossy.endpoint), { tableName: subject.tableName, newId: randomUUID }),
        faults,
      };
    };

    describe.each([
      { times: 1, how: "time-out" },
      { times: 2, how: "server error" },
    ] as const)("$times times by $how", (losses) => {
      test("L4: a plan is reported as planned", async () => {
        const { ledger, faults } = await losing(losses);
        const range = aRange(aChain());

        await expect(ledger.planRange(range)).resolves.toEqual({ kind: "planned", record: range });

        expect(faults).toEqual({ lost: losses.times, sent: losses.times + 1 });
        await expect(toArray(subject.ledger.ranges(range.chain))).resolves.toEqual([range]);
      });

      test("L4, L5: a claim is reported as claimed, once", async () => {
        const { ledger } = await losing(losses);
        const { record } = await subject.ledger.planRange(aRange(aChain()));

        const claimed = changed(await ledger.changeRange(record, claimBy("owner-1")));

        expect(claimed).toMatchObject({ attempt: 1, revision: 2, lease: { owner: "owner-1", counter: 1 } });
        await expect(subject.ledger.newestRange(record.chain)).resolves.toEqual(claimed);
      });

      test("G5, L4, L5: a commit is reported as applied, its outputs apply once", async () => {
        const { ledger, faults } = await losing(losses);
        const ids = [randomUUID(), randomUUID()];
        const running = await aClaimedRange(subject);

        const committed = changed(await ledger.changeRange(running, commitOf(running, 8n), ids.map(subject.output)));

        expect(committed).toMatchObject({ committedOffset: 8n, revision: 3, counts: { delivered: 3n } });
        expect(faults.lost).toBe(losses.times);
        await expect(Promise.all(ids.map(subject.timesApplied))).resolves.toEqual([1, 1]);
        await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(committed);
      });

      test("L4, L5: a completion is reported as applied, with outputs and without", async () => {
        const id = randomUUID();
        for (const outputs of [[], [subject.output(id)]]) {
          const { ledger } = await losing(losses);
          const running = await aClaimedRange(subject);

          const completed = changed(await ledger.changeRange(running, completionOf(running), outputs));

          expect(completed).toMatchObject({ status: "COMPLETED", revision: 3 });
          await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(completed);
        }
        await expect(subject.timesApplied(id)).resolves.toBe(1);
      });

      test("L4: a failure and a release are reported as applied", async () => {
        const failing = await aClaimedRange(subject);
        const error = { name: "Error", message: "broken" };
        const failed = changed(
          await (await losing(losses)).ledger.changeRange(failing, { kind: "fail", lease: leaseOf(failing), error }),
        );
        expect(failed).toMatchObject({ status: "FAILED", failedAttempts: 1, revision: 3 });

        const running = await aClaimedRange(subject);
        const released = changed(
          await (await losing(losses)).ledger.changeRange(running, { kind: "release", lease: leaseOf(running) }),
        );
        expect(released).toMatchObject({ status: "PLANNED", revision: 3 });
      });

      test("L4, L6: a split is reported as made, with a rest and without", async () => {
        for (const at of [9n, 15n]) {
          const { ledger } = await losing(losses);
          const running = await aClaimedRange(subject);

          const { first, rest } = halvesOf(await ledger.splitRange(running, aSplit({ at, lease: leaseOf(running) })));

          expect(first).toMatchObject({ status: "QUARANTINED", untilOffset: at, revision: 3 });
          await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(rest ?? first);
        }
      });

      test("L4: an output whose own condition its own write made false is no failure", async () => {
        const { ledger } = await losing(losses);
        const id = randomUUID();
        const running = await aClaimedRange(subject);
        const once = {
          Put: {
            TableName: subject.tableName,
            Item: { pk: { S: `output#${id}` }, sk: { S: "count" }, applied: { N: "1" } },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        };

        const committed = changed(await ledger.changeRange(running, commitOf(running, 8n), [once]));

        expect(committed).toMatchObject({ committedOffset: 8n, revision: 3 });
        await expect(subject.timesApplied(id)).resolves.toBe(1);
      });

      test("L4: a pipeline's record and a reprocess request are reported as stored", async () => {
        const pipeline = `p-${randomUUID()}`;
        const record = { pipeline, revision: 1, startedAt: NOW, topics: [] };
        await expect((await losing(losses)).ledger.writePipeline(record)).resolves.toBe(true);
        await expect((await losing(losses)).ledger.writePipeline({ ...record, revision: 2 })).resolves.toBe(true);

        const range = { topicId: randomUUID(), topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 1n };
        const request = { pipeline, requestId: "r", requestedAt: NOW, payload: "x", ranges: [range], ...PACING };
        await expect((await losing(losses)).ledger.requestReprocess(request)).resolves.toEqual(request);
        const outcomes = { ...NO_OUTCOMES, processed: 1n };
        const settled = [{ index: 0, outcomes }];
        const settle = (present: ReprocessProgress) => mergeProgress(present, { settled, open: [] });
        await expect((await losing(losses)).ledger.changeReprocess(pipeline, "r", settle)).resolves.toMatchObject({
          settled: [0],
          outcomes,
        });
        await (await losing(losses)).ledger.completeReprocess(request, NOW, 1_000);
        const completion = { completedAt: NOW, settled: [0], outcomes };
        await expect(subject.ledger.readReprocess(pipeline, "r")).resolves.toEqual({ ...request, completion });
        await expect(subject.ledger.openReprocesses(pipeline)).resolves.toEqual([]);
      });
    });

    test("L4: an engine that blames an output alone for its own earlier write is not believed", async () => {
      const id = randomUUID();
      const running = await aClaimedRange(subject);
      const CancellationReasons = [{ Code: "None" }, { Code: "ConditionalCheckFailed" }];
      const cancelled = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
      const how = { __type: cancelled, message: "cancelled", CancellationReasons };
      const { ledger, faults } = await losing({ times: 1, how });

      const committed = changed(await ledger.changeRange(running, commitOf(running, 8n), [subject.output(id)]));

      expect(faults).toEqual({ lost: 1, sent: 1 });
      expect(committed).toMatchObject({ committedOffset: 8n, revision: 3 });
      await expect(subject.timesApplied(id)).resolves.toBe(1);
    });

    test("G3, L5: a commit whose lease was lost before its retry is superseded, its outputs apply once", async () => {
      const id = randomUUID();
      const running = await aClaimedRange(subject);
      const takeOver = claimBy("owner-2", NOW + LEASE_MS);
      const { ledger } = await losing({
        times: 1,
        how: "time-out",
        meanwhile: () => subject.ledger.changeRange(running, takeOver),
      });

      const outcome = await ledger.changeRange(running, commitOf(running, 8n), [subject.output(id)]);

      expect(outcome).toMatchObject({ kind: "refused", refusal: { kind: "superseded" } });
      await expect(subject.timesApplied(id)).resolves.toBe(1);
      // The new owner goes on behind what took effect.
      await expect(subject.ledger.newestRange(running.chain)).resolves.toMatchObject({
        committedOffset: 8n,
        lease: { owner: "owner-2", counter: 2 },
      });
    });

    test("L5: when every answer is lost the ledger is unavailable; the next attempt sees what was applied", async () => {
      const id = randomUUID();
      const running = await aClaimedRange(subject);
      const { ledger, faults } = await losing({ times: Number.POSITIVE_INFINITY, how: "server error" });

      const commit = ledger.changeRange(running, commitOf(running, 8n), [subject.output(id)]);
      await expect(commit).rejects.toThrow(LedgerUnavailableError);
      expect(faults.sent).toBe(LEDGER_REQUEST_ATTEMPTS);

      const error = { name: "LedgerUnavailableError", message: "no answer" };
      const failed = changed(
        await subject.ledger.changeRange(running, { kind: "fail", lease: leaseOf(running), error, nextAttemptAt: NOW }),
      );
      expect(failed).toMatchObject({ status: "FAILED", committedOffset: 8n });
      await expect(subject.timesApplied(id)).resolves.toBe(1);
    });
  },
);
