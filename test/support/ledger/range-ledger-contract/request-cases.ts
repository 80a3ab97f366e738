import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { PipelineRecord } from "../../../../shared/core/ledger/pipeline-record.ts";
import {
  newProgress,
  type ReprocessProgress,
  type ReprocessRequest,
} from "../../../../shared/core/ledger/reprocess-request.ts";
import { accountFor, NO_OUTCOMES } from "../../../../shared/core/range/offset-outcomes.ts";
import { MAX_OFFSET } from "../../../../shared/core/range/offset-range.ts";
import { mergeProgress } from "../../../../shared/core/reprocess/plan-reprocess.ts";
import { PACING } from "../../builders/reprocess-builders.ts";
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

function aRequest(request: Partial<ReprocessRequest> = {}): ReprocessRequest {
  const orders = { topicId: randomUUID(), topic: "orders" };
  const clicks = { topicId: randomUUID(), topic: "clicks" };
  return {
    pipeline: "contract",
    requestId: randomUUID(),
    requestedAt: NOW,
    payload: "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    ranges: [
      { ...orders, partition: 3, fromOffset: 0n, untilOffset: 9_223_372_036_854_775_807n },
      { ...clicks, partition: 0, fromOffset: 7n, untilOffset: 8n },
      { ...orders, partition: 10, fromOffset: 1n, untilOffset: 2n },
    ],
    ...PACING,
    ...request,
  };
}

const each = { ...NO_OUTCOMES, processed: 7n, lost: 1n };

/** Adds to what is settled, as a scheduler does. */
const settling =
  (...indexes: readonly number[]) =>
  (present: ReprocessProgress): ReprocessProgress =>
    mergeProgress(present, { settled: indexes.map((index) => ({ index, outcomes: each })), open: [] });

/** What became of so many ranges. */
const outcomesOf = (count: bigint) => ({ ...NO_OUTCOMES, processed: 7n * count, lost: count });

export function testPipelines<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("keeps a pipeline's record and replaces it revision by revision", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const first: PipelineRecord = { pipeline, revision: 1, startedAt: NOW, topics: [] };
    const topic = { topicId: randomUUID(), topic: "orders", partitions: [0, 1, 2, 5, 7, 8, 100] };
    const second: PipelineRecord = { ...first, revision: 2, topics: [topic] };

    await expect(ledger.readPipeline(pipeline)).resolves.toBeUndefined();
    await expect(ledger.writePipeline(first)).resolves.toBe(true);
    await expect(other.readPipeline(pipeline)).resolves.toEqual(first);
    await expect(other.writePipeline(second)).resolves.toBe(true);
    await expect(ledger.readPipeline(pipeline)).resolves.toEqual(second);
  });

  test("keeps what operators paused, and forgets it with the resume", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const of = { topicId: randomUUID(), topic: "orders", partition: 2_147_483_647 };
    const pauses = [
      { by: "ann", reason: "ticket 17: ключ 🔑", at: NOW },
      { by: "bob", reason: "poison", at: NOW + 1, of, also: [{ by: "eve", reason: "базы нет", at: NOW + 2 }] },
    ];
    const first: PipelineRecord = { pipeline, revision: 1, startedAt: NOW, topics: [], pauses };

    await ledger.writePipeline(first);

    await expect(other.readPipeline(pipeline)).resolves.toEqual(first);
    const resumed: PipelineRecord = { pipeline, revision: 2, startedAt: NOW, topics: [] };
    await other.writePipeline(resumed);
    await expect(ledger.readPipeline(pipeline)).resolves.toEqual(resumed);
  });

  test("keeps where chains begin that do not exist yet, and forgets it with the field", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const partitions = [
      { partition: 0, start: 0n },
      { partition: 2, start: "pending" },
      { partition: 3, start: 9_223_372_036_854_775_807n },
    ] as const;
    const topic = { topicId: randomUUID(), topic: "orders" };
    const first: PipelineRecord = { pipeline, revision: 1, startedAt: NOW, topics: [] };
    const frozen: PipelineRecord = { ...first, starting: [{ ...topic, partitions }] };
    const begun: PipelineRecord = { ...first, revision: 2, topics: [{ ...topic, partitions: [0, 2, 3] }] };

    await ledger.writePipeline(frozen);
    await expect(other.readPipeline(pipeline)).resolves.toEqual(frozen);
    await other.writePipeline(begun);
    await expect(ledger.readPipeline(pipeline)).resolves.toEqual(begun);
  });

  test("keeps what backpressure has learnt and where a drain is pinned", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const topic = { topicId: randomUUID(), topic: "orders" };
    const pinned = [
      { ...topic, partitions: [{ partition: 3, untilOffset: MAX_OFFSET }] },
      { ...topic, partitions: [{ partition: 4, fromOffset: 0n, untilOffset: MAX_OFFSET }] },
    ];
    const record: PipelineRecord = {
      pipeline,
      revision: 1,
      startedAt: NOW,
      topics: [],
      rate: { latestTime: NOW, latestRate: 1234.5678901234567, latestError: -1e-7 },
      drain: { drainId: "nightly-1", pinnedAt: NOW, topics: pinned },
    };
    const outcomes = { processed: MAX_OFFSET, rejected: 1n, quarantined: 2n, skipped: 0n, lost: MAX_OFFSET };
    const offsets = accountFor(3n * MAX_OFFSET, outcomes, 5n);
    const drain = { drainId: "nightly-1", pinnedAt: NOW, topics: [], completedAt: NOW + 1, offsets };

    await ledger.writePipeline(record);

    await expect(other.readPipeline(pipeline)).resolves.toEqual(record);
    await other.writePipeline({ ...record, revision: 2, drain });
    await expect(ledger.readPipeline(pipeline)).resolves.toEqual({ ...record, revision: 2, drain });
  });

  test("of writers of the same revision exactly one wins, first revision or later", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;

    for (const revision of [1, 2, 3]) {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          (index % 2 === 0 ? ledger : other).writePipeline({ pipeline, revision, startedAt: NOW + index, topics: [] }),
        ),
      );
      expect(outcomes.filter((won) => won)).toHaveLength(1);
      const winner = outcomes.indexOf(true);
      await expect(ledger.readPipeline(pipeline)).resolves.toMatchObject({ revision, startedAt: NOW + winner });
    }
  });

  test("refuses a revision that skips one, or that nothing precedes", async () => {
    const { ledger } = subject();
    const pipeline = `p-${randomUUID()}`;
    await expect(ledger.writePipeline({ pipeline, revision: 2, startedAt: NOW, topics: [] })).resolves.toBe(false);
    await ledger.writePipeline({ pipeline, revision: 1, startedAt: NOW, topics: [] });

    await expect(ledger.writePipeline({ pipeline, revision: 3, startedAt: NOW, topics: [] })).resolves.toBe(false);
    await expect(ledger.readPipeline(pipeline)).resolves.toMatchObject({ revision: 1 });
  });

  test("lists pipelines by name", async () => {
    const { ledger } = subject();
    const prefix = `l-${randomUUID()}`;
    for (const name of ["b", "a", "c"]) {
      await ledger.writePipeline({ pipeline: `${prefix}.${name}`, revision: 1, startedAt: NOW, topics: [] });
    }

    const names = (await toArray(ledger.pipelines())).map(({ pipeline }) => pipeline);

    expect(names.filter((name) => name.startsWith(prefix))).toEqual(["a", "b", "c"].map((name) => `${prefix}.${name}`));
  });
}

export function testReprocessRequests<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("G9: keeps a request as it came; the same id twice answers the first", async () => {
    const { ledger, other } = subject();
    const request = aRequest();
    await expect(ledger.readReprocess("contract", request.requestId)).resolves.toBeUndefined();
    await expect(ledger.requestReprocess(request)).resolves.toEqual(request);

    const second = await other.requestReprocess({ ...request, payload: "other", requestedAt: NOW + 1 });

    expect(second).toEqual(request);
    await expect(other.readReprocess("contract", request.requestId)).resolves.toEqual(request);
  });

  test("G9: of equal ids that come at the same time all get the same request", async () => {
    const { ledger, other } = subject();
    const request = aRequest();

    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? ledger : other).requestReprocess({ ...request, payload: `payload-${index}` }),
      ),
    );

    expect(new Set(answers.map(({ payload }) => payload)).size).toBe(1);
    await expect(ledger.readReprocess("contract", request.requestId)).resolves.toEqual(answers[0]);
  });

  test("lists a pipeline's own requests by id, the open ones apart, and completes one once", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const [b, a] = [aRequest({ pipeline, requestId: "b" }), aRequest({ pipeline, requestId: "a" })];
    for (const request of [b, a, aRequest({ pipeline: `${pipeline}-2`, requestId: "c" })]) {
      await ledger.requestReprocess(request);
    }
    await expect(other.openReprocesses(pipeline)).resolves.toEqual([newProgress("a"), newProgress("b")]);

    await ledger.changeReprocess(pipeline, "b", settling(0, 1, 2));
    await ledger.completeReprocess(b, NOW + 5, RETENTION_MS);
    await other.completeReprocess(b, NOW + 9, RETENTION_MS);

    const completion = { completedAt: NOW + 5, settled: [0, 1, 2], outcomes: outcomesOf(3n) };
    await expect(toArray(ledger.reprocessRequests(pipeline))).resolves.toEqual([a, { ...b, completion }]);
    await expect(ledger.readReprocess(pipeline, "b")).resolves.toEqual({ ...b, completion });
    await expect(ledger.openReprocesses(pipeline)).resolves.toEqual([newProgress("a")]);
  });

  test("RQ2: a completed request under the same id stays completed", async () => {
    const { ledger } = subject();
    const pipeline = `p-${randomUUID()}`;
    const request = aRequest({ pipeline });
    await ledger.requestReprocess(request);
    await ledger.completeReprocess(request, NOW, RETENTION_MS);

    const again = await ledger.requestReprocess(request);

    expect(again.completion).toEqual({ completedAt: NOW, settled: [], outcomes: NO_OUTCOMES });
    await expect(ledger.openReprocesses(pipeline)).resolves.toEqual([]);
  });

  test("keeps every change of an open request's progress, whoever writes at the same time", async () => {
    const { ledger, other } = subject();
    const pipeline = `p-${randomUUID()}`;
    const requests = ["a", "b"].map((requestId) => aRequest({ pipeline, requestId }));
    for (const request of requests) {
      await ledger.requestReprocess(request);
    }

    await Promise.all(
      [0, 1, 2].flatMap((index) =>
        requests.map(({ requestId }) =>
          (index === 1 ? other : ledger).changeReprocess(pipeline, requestId, settling(index)),
        ),
      ),
    );

    await expect(ledger.openReprocesses(pipeline)).resolves.toEqual([
      { requestId: "a", settled: [0, 1, 2], outcomes: outcomesOf(3n), open: [] },
      { requestId: "b", settled: [0, 1, 2], outcomes: outcomesOf(3n), open: [] },
    ]);
  });

  test("keeps who cancelled a request and why, also when it is completed", async () => {
    const { ledger } = subject();
    const request = aRequest({ pipeline: `p-${randomUUID()}` });
    const { pipeline, requestId } = request;
    const cancelled = { by: "ada", reason: "wrong topic", at: NOW };
    await ledger.requestReprocess(request);

    const progress = await ledger.changeReprocess(pipeline, requestId, (present) => ({
      ...present,
      open: [1],
      cancelled,
    }));
    await ledger.completeReprocess(request, NOW + 5, RETENTION_MS);

    expect(progress).toEqual({ ...newProgress(requestId), open: [1], cancelled });
    const completion = { completedAt: NOW + 5, settled: [], outcomes: NO_OUTCOMES, cancelled };
    await expect(ledger.readReprocess(pipeline, requestId)).resolves.toEqual({ ...request, completion });
  });

  test("a change that changes nothing writes nothing, and one of a request that is not open neither", async () => {
    const { ledger } = subject();
    const request = aRequest({ pipeline: `p-${randomUUID()}` });
    await ledger.requestReprocess(request);
    const unchanged = await ledger.changeReprocess(request.pipeline, request.requestId, () => undefined);

    const absent = await ledger.changeReprocess(request.pipeline, "another", settling(0));

    expect(unchanged).toEqual(newProgress(request.requestId));
    expect(absent).toBeUndefined();
    await expect(ledger.openReprocesses(request.pipeline)).resolves.toEqual([unchanged]);
  });

  test("completing a request that was forgotten brings nothing back", async () => {
    const { ledger } = subject();
    const request = aRequest();

    await ledger.completeReprocess(request, NOW, RETENTION_MS);

    await expect(ledger.readReprocess("contract", request.requestId)).resolves.toBeUndefined();
  });

  test("G9: a request's ranges live beside the live chain and other requests", async () => {
    const { ledger } = subject();
    const live = aRange(aChain());
    const requests = [randomUUID(), randomUUID()];
    const [first, second] = requests.map((requestId) => aRange({ ...live.chain, requestId }, { untilOffset: 9n }));
    await ledger.planRange(live);
    await expect(ledger.planRange(first ?? live)).resolves.toEqual({ kind: "planned", record: first });
    await expect(ledger.planRange(second ?? live)).resolves.toEqual({ kind: "planned", record: second });

    const claimed = await applied(subject(), first ?? live, () => claimBy("owner-1"), completionOf);

    expect(claimed.chain.requestId).toBe(requests[0]);
    await expect(ledger.newestRange(live.chain)).resolves.toEqual(live);
    await expect(toArray(ledger.ranges(live.chain))).resolves.toEqual([live]);
    await expect(toArray(ledger.reprocessRanges("contract", requests[0] ?? ""))).resolves.toEqual([claimed]);
    await expect(toArray(ledger.reprocessRanges("contract", requests[1] ?? ""))).resolves.toEqual([second]);
  });

  test("G9: planning a range of a request a second time collides", async () => {
    const { ledger } = subject();
    const range = aRange(aChain({ requestId: randomUUID() }));
    await ledger.planRange(range);

    await expect(ledger.planRange(aRange(range.chain))).resolves.toEqual({ kind: "collided", record: range });
  });

  test("lists a request's ranges by topic id, partition and fromOffset, each by number", async () => {
    const { ledger } = subject();
    const requestId = randomUUID();
    const topicIds = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"];
    const places = topicIds.flatMap((topicId) =>
      [2, 10].flatMap((partition) => [9n, 10n, 100n].map((fromOffset) => ({ topicId, partition, fromOffset }))),
    );
    for (const { topicId, partition, fromOffset } of places.toReversed()) {
      await ledger.planRange(aRange(aChain({ topicId, partition, requestId }), { fromOffset }));
    }

    const records = await toArray(ledger.reprocessRanges("contract", requestId));

    const listed = records.map(({ chain: { topicId, partition }, fromOffset }) => ({ topicId, partition, fromOffset }));
    expect(listed).toEqual(places);
    const chain = aChain({ topicId: topicIds[0] ?? "", partition: 2, requestId });
    const ofChain = (await toArray(ledger.ranges(chain))).map(({ fromOffset }) => fromOffset);
    expect(ofChain).toEqual([9n, 10n, 100n]);
    await expect(ledger.newestRange(chain)).resolves.toMatchObject({ fromOffset: 100n, partition: 2 });
  });

  test("lists the ranges of a chain that begin within bounds, the end exclusive", async () => {
    const { ledger } = subject();
    const chain = aChain({ requestId: randomUUID() });
    for (const fromOffset of [0n, 5n, 9n, 10n, 100n]) {
      await ledger.planRange(aRange(chain, { fromOffset }));
    }
    await ledger.planRange(aRange({ ...chain, partition: chain.partition + 1 }, { fromOffset: 6n }));

    const within = await toArray(ledger.rangesWithin(chain, { fromOffset: 5n, untilOffset: 10n }));

    expect(within.map(({ fromOffset }) => fromOffset)).toEqual([5n, 9n]);
    await expect(toArray(ledger.rangesWithin(chain, { fromOffset: 11n, untilOffset: 100n }))).resolves.toEqual([]);
  });
}
