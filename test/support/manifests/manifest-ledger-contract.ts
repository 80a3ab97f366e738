// Manifest ledger contract: what the writer of manifests may rely on, whatever the ledger is stored in.

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { ManifestLedger, ManifestProgress } from "../../../shared/core/ledger/manifest-ledger.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { aReprocessRequest } from "../builders/reprocess-builders.ts";
import { describeWith } from "../ledger/describe-with.ts";
import { aChain, aRange, NOW, RETENTION_MS } from "../ledger/range-ledger-contract/ledger-under-test.ts";

export interface ManifestLedgerUnderTest extends AsyncDisposable {
  readonly ledger: RangeLedger<never>;
  readonly manifests: ManifestLedger;
}

export function describeManifestLedger(name: string, create: () => Promise<ManifestLedgerUnderTest>): void {
  describeWith(name, create, (subject) => {
    testProgress(subject);
    testRanges(subject);
  });
}

function testProgress(subject: () => ManifestLedgerUnderTest): void {
  test("nothing is known of a pipeline whose manifests were never written", async () => {
    const pipeline = randomUUID();

    const progress = await subject().manifests.readManifestProgress(pipeline);

    expect(progress).toEqual({ pipeline, revision: 0, waiting: [] });
  });

  test("progress is given back as it was written, also where it says less than before", async () => {
    const { manifests } = subject();
    const pipeline = randomUUID();
    const openRange = { topicId: randomUUID(), partition: 7, fromOffset: 9_223_372_036_854_775_000n };
    const full: ManifestProgress = {
      ...{ pipeline, revision: 1, settledBefore: NOW, requests: { revision: 3, since: NOW - 1 } },
      waiting: [
        { batchId: "batch-1", begunAt: NOW - 2, openRange },
        { batchId: "batch-2", begunAt: NOW - 1 },
      ],
    };
    const less: ManifestProgress = { pipeline, revision: 2, waiting: [] };

    await expect(manifests.writeManifestProgress(full)).resolves.toBe(true);
    await expect(manifests.readManifestProgress(pipeline)).resolves.toEqual(full);
    await expect(manifests.writeManifestProgress(less)).resolves.toBe(true);

    await expect(manifests.readManifestProgress(pipeline)).resolves.toEqual(less);
  });

  test("WDM2: of two writers that go on from the same progress one is told that the other came first", async () => {
    const { manifests } = subject();
    const pipeline = randomUUID();
    const next = (settledBefore: number) => ({ pipeline, revision: 1, settledBefore, waiting: [] });

    const kept = await Promise.all([1, 2].map((at) => manifests.writeManifestProgress(next(at))));

    expect(kept.filter((isKept) => isKept)).toHaveLength(1);
    await expect(manifests.readManifestProgress(pipeline)).resolves.toMatchObject({ revision: 1 });
  });
}

function testRanges(subject: () => ManifestLedgerUnderTest): void {
  test("the newest range below an offset begins below it, and is of the chain", async () => {
    const { ledger, manifests } = subject();
    const chain = aChain();
    for (const fromOffset of [0n, 999n, 1_000n]) {
      await ledger.planRange(aRange(chain, { fromOffset, untilOffset: fromOffset + 1n }));
    }
    await ledger.planRange(aRange({ ...chain, partition: chain.partition + 1 }, { fromOffset: 500n }));

    const newest = async (below: bigint) => (await manifests.newestBelow(chain, below))?.fromOffset;

    expect([await newest(1n), await newest(999n), await newest(1_000n), await newest(2n ** 63n)]).toEqual([
      0n,
      0n,
      999n,
      1_000n,
    ]);
    await expect(manifests.newestBelow(aChain(), 5n)).resolves.toBeUndefined();
  });

  test("SRE1: the requests' revision grows when one is made, goes on or is completed, and not else", async () => {
    const { ledger, manifests } = subject();
    const request = { ...aReprocessRequest(), pipeline: randomUUID() };
    const { pipeline, requestId } = request;
    const revisions = [await manifests.requestsRevision(pipeline)];
    const look = async () => revisions.push(await manifests.requestsRevision(pipeline));

    await ledger.requestReprocess(request);
    await look();
    await ledger.changeReprocess(pipeline, requestId, (present) => ({ ...present, open: [0] }));
    await look();
    await ledger.completeReprocess(request, NOW, RETENTION_MS);
    await look();
    await ledger.requestReprocess(request);
    await look();

    const [before, made, changed, completed, repeated] = revisions;
    expect(before).toBe(0);
    expect(made).toBeGreaterThan(0);
    expect(changed).toBeGreaterThan(made ?? 0);
    expect(completed).toBeGreaterThan(changed ?? 0);
    expect(repeated).toBe(completed);
  });
}
