import { expect, test } from "vitest";
import {
  aChain,
  anAnchor,
  applied,
  aRange,
  claimBy,
  completionOf,
  type LedgerUnderTest,
  NOW,
  RETENTION_MS,
  toArray,
} from "./ledger-under-test.ts";

export function testPlanning<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("knows nothing of a chain that was never planned", async () => {
    const { ledger } = subject();

    await expect(ledger.newestRange(aChain())).resolves.toBeUndefined();
    await expect(toArray(ledger.ranges(aChain()))).resolves.toEqual([]);
  });

  test("gives a planned range back as it was planned", async () => {
    const { ledger, other } = subject();
    const range = aRange(aChain(), { fromOffset: 9_223_372_036_854_775_797n });

    await expect(ledger.planRange(range)).resolves.toEqual({ kind: "planned", record: range });

    await expect(other.newestRange(range.chain)).resolves.toEqual(range);
  });

  test("L2: a second plan of the same chain and fromOffset collides with the first", async () => {
    const { ledger } = subject();
    const first = aRange(aChain());
    await ledger.planRange(first);

    const outcome = await ledger.planRange(aRange(first.chain, { untilOffset: 99n }));

    expect(outcome).toEqual({ kind: "collided", record: first });
    await expect(ledger.newestRange(first.chain)).resolves.toEqual(first);
  });

  test("L2: of schedulers that plan at the same time exactly one wins, and all see its range", async () => {
    const { ledger, other } = subject();
    const chain = aChain();
    const plans = Array.from({ length: 12 }, (_, index) => aRange(chain, { batchId: `batch-${index}` }));

    const outcomes = await Promise.all(plans.map((plan, index) => (index % 2 === 0 ? ledger : other).planRange(plan)));

    const winners = outcomes.filter(({ kind }) => kind === "planned");
    expect(winners).toHaveLength(1);
    expect(new Set(outcomes.map(({ record }) => record.batchId)).size).toBe(1);
    await expect(toArray(ledger.ranges(chain))).resolves.toEqual([winners[0]?.record]);
  });

  test("L4: planning the same write again is not a collision", async () => {
    const { ledger, other } = subject();
    const range = aRange(aChain());
    await ledger.planRange(range);

    await expect(other.planRange(range)).resolves.toEqual({ kind: "planned", record: range });
  });

  test("a range takes the place of the anchor that it starts at", async () => {
    const { ledger } = subject();
    const anchor = anAnchor(aChain(), 5n);
    await ledger.planRange(anchor);
    const range = aRange(anchor.chain);

    await expect(ledger.planRange(range)).resolves.toEqual({ kind: "planned", record: range });

    await expect(toArray(ledger.ranges(anchor.chain))).resolves.toEqual([range]);
  });

  test("an anchor takes nobody's place", async () => {
    const { ledger } = subject();
    const chain = aChain();
    const anchor = anAnchor(chain, 5n);
    await ledger.planRange(anchor);
    await expect(ledger.planRange(anAnchor(chain, 5n))).resolves.toEqual({ kind: "collided", record: anchor });

    const range = aRange(chain);
    await ledger.planRange(range);
    await expect(ledger.planRange(anAnchor(chain, 5n))).resolves.toEqual({ kind: "collided", record: range });
  });

  test("L1: renewing an anchor never undoes the range that took its place", async () => {
    const { ledger, other } = subject();
    const anchor = anAnchor(aChain(), 5n);
    await ledger.planRange(anchor);
    const range = aRange(anchor.chain);
    await other.planRange(range);

    const outcome = await ledger.changeRange(anchor, { kind: "renew", now: NOW, retentionMs: RETENTION_MS });

    expect(outcome).toEqual({ kind: "refused", refusal: { kind: "open" }, record: range });
    await expect(ledger.newestRange(anchor.chain)).resolves.toEqual(range);
  });

  test("the newest range is the one with the highest fromOffset, by number", async () => {
    const { ledger } = subject();
    const chain = aChain();
    for (const fromOffset of [0n, 999_999_999n, 1_000_000_000n, 90n, 100n]) {
      await ledger.planRange(aRange(chain, { fromOffset }));
    }

    const newest = await ledger.newestRange(chain);

    expect(newest?.fromOffset).toBe(1_000_000_000n);
    const offsets = (await toArray(ledger.ranges(chain))).map(({ fromOffset }) => fromOffset);
    expect(offsets).toEqual([0n, 90n, 100n, 999_999_999n, 1_000_000_000n]);
  });

  test("keeps the chains of partitions, topics and pipelines apart", async () => {
    const { ledger } = subject();
    const chain = aChain({ partition: 1 });
    const chains = [
      chain,
      { ...chain, partition: 10 },
      { ...chain, topicId: aChain().topicId },
      { ...chain, pipeline: "contract.1" },
    ];
    for (const [index, key] of chains.entries()) {
      await ledger.planRange(aRange(key, { batchId: `batch-${index}` }));
    }

    const newest = await Promise.all(chains.map((key) => ledger.newestRange(key)));

    expect(newest.map((record) => record?.batchId)).toEqual(["batch-0", "batch-1", "batch-2", "batch-3"]);
    await expect(toArray(ledger.ranges(chain))).resolves.toHaveLength(1);
  });

  test("L2: a plan collides with a range in any status", async () => {
    const { ledger } = subject();
    const { record: planned } = await ledger.planRange(aRange(aChain()));
    const running = await applied(subject(), planned, () => claimBy("owner-1"));
    await expect(ledger.planRange(aRange(planned.chain))).resolves.toEqual({ kind: "collided", record: running });

    const completed = await applied(subject(), running, completionOf);
    await expect(ledger.planRange(aRange(planned.chain))).resolves.toEqual({ kind: "collided", record: completed });
  });
}
