import { expect, test } from "vitest";
import { batchManifests } from "../../../../functions/manifests/batch-manifests.ts";
import { encodeReceipt } from "../../../../shared/archive/archive-memo.ts";
import { aChain, aRangeRecord, ORDERS_ID } from "../../../support/builders/builders.ts";
import { START } from "../../../support/fake-clock.ts";

const DAY_MS = 86_400_000;

test("BM1: whoever reads the ledger in another order makes the same of it, also of a topic that was created again", () => {
  const receipt = encodeReceipt({ bucket: "orders", prefix: "archive", fromOffset: 0n, untilOffset: 9n, objects: [] });
  const ranges = [ORDERS_ID, ORDERS_ID.replace(/1$/, "2")].flatMap((topicId) =>
    [0, 1].flatMap((partition) =>
      [0n, 9n, 900n].map((fromOffset) =>
        aRangeRecord({
          ...{ chain: aChain({ topicId, partition }), partition, fromOffset, untilOffset: fromOffset + 9n },
          ...{ status: "COMPLETED", receipts: [receipt] },
        }),
      ),
    ),
  );
  const rules = { now: START + DAY_MS, rememberedSince: START - DAY_MS };

  const [manifest] = batchManifests([{ ranges }], rules);
  const [reversed] = batchManifests([{ ranges: ranges.toReversed() }], rules);

  expect(manifest?.ranges).toBe(12);
  expect(reversed).toEqual(manifest);
});
