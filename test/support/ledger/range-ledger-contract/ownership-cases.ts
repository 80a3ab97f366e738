import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { ForeignPipelineError } from "../../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../../shared/core/ledger/reprocess-request.ts";
import type { RangeRecord } from "../../../../shared/core/range/range-record.ts";
import {
  aChain,
  applied,
  aRange,
  claimBy,
  completionOf,
  type LedgerUnderTest,
  NOW,
  RETENTION_MS,
  toArray,
} from "./ledger-under-test.ts";

type Verb<Output> = (ledger: RangeLedger<Output>, record: RangeRecord, request: ReprocessRequest) => Promise<unknown>;

/** Each verb that takes a key, on one. */
function verbs<Output>(): Readonly<Record<Exclude<keyof RangeLedger<Output>, "pipelines">, Verb<Output>>> {
  return {
    newestRange: (ledger, { chain }) => ledger.newestRange(chain),
    planRange: (ledger, { chain }) => ledger.planRange(aRange(chain, { fromOffset: 100n })),
    changeRange: (ledger, record) => ledger.changeRange(record, claimBy("owner-1")),
    splitRange: (ledger, record) =>
      ledger.splitRange(record, {
        at: record.fromOffset + 1n,
        first: "SKIPPED",
        operator: { by: "alice", reason: "theirs" },
        now: NOW,
        retentionMs: RETENTION_MS,
      }),
    ranges: async (ledger, { chain }) => toArray(ledger.ranges(chain)),
    rangesWithin: async (ledger, record) => toArray(ledger.rangesWithin(record.chain, record)),
    readPipeline: (ledger, { chain }) => ledger.readPipeline(chain.pipeline),
    writePipeline: (ledger, { chain }) =>
      ledger.writePipeline({ pipeline: chain.pipeline, revision: 1, startedAt: NOW, topics: [] }),
    readReprocess: (ledger, _, { pipeline, requestId }) => ledger.readReprocess(pipeline, requestId),
    requestReprocess: (ledger, _, request) => ledger.requestReprocess({ ...request, requestId: "another" }),
    reprocessRequests: async (ledger, _, { pipeline }) => toArray(ledger.reprocessRequests(pipeline)),
    openReprocesses: (ledger, _, { pipeline }) => ledger.openReprocesses(pipeline),
    changeReprocess: (ledger, _, { pipeline, requestId }) =>
      ledger.changeReprocess(pipeline, requestId, (present) => ({ ...present, open: [0] })),
    completeReprocess: (ledger, _, request) => ledger.completeReprocess(request, NOW, RETENTION_MS),
    reprocessRanges: async (ledger, _, { pipeline, requestId }) => toArray(ledger.reprocessRanges(pipeline, requestId)),
  };
}

export function testOwnership<Output>(subject: () => LedgerUnderTest<Output>): void {
  const arrange = async () => {
    const { ledger } = subject();
    const pipeline = `theirs-${randomUUID().slice(0, 8)}`;
    const { record } = await ledger.planRange(aRange(aChain({ pipeline })));
    const { fromOffset, untilOffset, topic, partition, chain } = record;
    const ranges = [{ topicId: chain.topicId, topic, partition, fromOffset, untilOffset }];
    const asked = { pipeline, requestId: "again", requestedAt: NOW, payload: "{}", ranges };
    const request = await ledger.requestReprocess({ ...asked, maxConcurrentRanges: 1, isOrdered: true });
    const state = async () => [
      await toArray(ledger.ranges(record.chain)),
      await ledger.readPipeline(pipeline),
      await toArray(ledger.reprocessRequests(pipeline)),
      await ledger.openReprocesses(pipeline),
    ];
    return { pipeline, record, request, state };
  };

  test.each(Object.entries(verbs<Output>()))(
    "L7: %s refuses another pipeline's key, and changes nothing",
    async (_, verb) => {
      const { pipeline, record, request, state } = await arrange();
      const before = await state();

      const refused = (async () => verb(subject().ofPipeline("ours"), record, request))();

      await expect(refused).rejects.toThrow(ForeignPipelineError);
      await expect(refused).rejects.toMatchObject({ pipeline, ownPipeline: "ours", retryable: false });
      await expect(state()).resolves.toEqual(before);
    },
  );

  test("L7: a pipeline's own ledger does all of it for the pipeline's own keys", async () => {
    for (const verb of Object.values(verbs<Output>())) {
      const { pipeline, record, request } = await arrange();
      await verb(subject().ofPipeline(pipeline), record, request);
    }
    const { pipeline, record } = await arrange();
    const own = { ledger: subject().ofPipeline(pipeline) };

    await applied(own, record, () => claimBy("owner-1"), completionOf);

    await expect(subject().ledger.newestRange(record.chain)).resolves.toMatchObject({ status: "COMPLETED" });
  });
}
