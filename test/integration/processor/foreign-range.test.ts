// Two pipelines on one table: the shipped handler of the one, as Lambda would load it, is
// sent a range of the other's.

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { encodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { encodeRangeMessage } from "../../../shared/wire/events/range-message.ts";
import { processorRules } from "../../support/builders/builders.ts";
import { type InvokedHandler, invokeHandler } from "../../support/functions/invoke-handler.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { aChain, aRange, claimBy, toArray } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

const entry = new URL("../../../functions/pipelines/word-count.ts", import.meta.url).pathname;

describe.each(DYNAMODB_ENGINES)("on $name", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
  });
  afterAll(() => subject[Symbol.asyncDispose]());

  function invoke(event: string): Promise<InvokedHandler> {
    const env = {
      AWS_ENDPOINT_URL: inject(endpointKey),
      WORD_COUNTS_TABLE: "words",
      ...encodeEnvironment(processorEnvironment, {
        ...processorRules(),
        pipeline: "audit",
        ledgerTable: subject.tableName,
        bootstrapServers: ["127.0.0.1:1"],
        securityProtocol: "PLAINTEXT",
        requireConsecutiveOffsets: false,
        retentionMs: 604_800_000,
      }),
    };
    return invokeHandler({ source: `const { handler } = await import(${JSON.stringify(entry)});`, env, event });
  }

  test.each([
    ["a range of the live chain", {}],
    ["a range of a reprocess request", { requestId: "again" }],
  ])("L7: %s of another pipeline is refused before its claim, by both names", async (_, key) => {
    const chain = aChain({ pipeline: "billing", ...key });
    const { record } = await subject.ledger.planRange(aRange(chain, { fromOffset: 5n, untilOffset: 15n }));

    const { entries, thrown } = await invoke(encodeRangeMessage({ record }));

    const message = `partition ${chain.partition} of topic id ${chain.topicId} belongs to pipeline billing, and this works for pipeline audit: nothing was read or written; find out who sent it here`;
    expect(thrown).toEqual({ name: "ForeignPipelineError", message });
    expect(entries).toContainEqual(
      expect.objectContaining({ level: "ERROR", pipeline: "audit", ownPipeline: "audit", foreignPipeline: "billing" }),
    );
    await expect(toArray(subject.ledger.ranges(chain))).resolves.toEqual([record]);
    // Its own processor finds it as it was planned.
    await expect(subject.ofPipeline("billing").changeRange(record, claimBy("billing"))).resolves.toMatchObject({
      kind: "changed",
    });
  });

  test("L7: a range of the pipeline's own is claimed", async () => {
    const chain = aChain({ pipeline: "audit" });
    const { record } = await subject.ledger.planRange(aRange(chain));

    await invoke(encodeRangeMessage({ record }));

    await expect(subject.ledger.newestRange(chain)).resolves.toMatchObject({ attempt: 1 });
  });
});
