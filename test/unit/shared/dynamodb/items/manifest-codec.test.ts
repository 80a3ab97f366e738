import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { ManifestProgress } from "../../../../../shared/core/ledger/manifest-ledger.ts";
import { MAX_WAITING_BATCHES } from "../../../../../shared/core/limits.ts";
import { itemBytes } from "../../../../../shared/dynamodb/items/attributes/item-size.ts";
import { MAX_ITEM_BYTES } from "../../../../../shared/dynamodb/items/limits.ts";
import { decodeManifestProgress, encodeManifestProgress } from "../../../../../shared/dynamodb/items/manifest-codec.ts";
import { ORDERS_ID } from "../../../../support/builders/builders.ts";

/** As it is stored: what is in a table today is read by whatever is deployed tomorrow. */
const item: Record<string, AttributeValue> = {
  pk: { S: "v1#word-count#manifests" },
  sk: { S: "progress" },
  schema: { N: "1" },
  revision: { N: "7" },
  writeId: { S: "write-7" },
  settledBefore: { N: "1800000000000" },
  requests: { M: { revision: { N: "3" }, since: { N: "1799999999999" } } },
  waiting: {
    L: [
      {
        M: {
          batchId: { S: "batch-1" },
          begunAt: { N: "1799999000000" },
          topicId: { S: ORDERS_ID },
          partition: { N: "3" },
          fromOffset: { N: "9223372036854775806" },
        },
      },
      { M: { batchId: { S: "batch-2" }, begunAt: { N: "1799999000001" } } },
    ],
  },
};

const progress: ManifestProgress = {
  pipeline: "word-count",
  revision: 7,
  settledBefore: 1_800_000_000_000,
  requests: { revision: 3, since: 1_799_999_999_999 },
  waiting: [
    {
      batchId: "batch-1",
      begunAt: 1_799_999_000_000,
      openRange: { topicId: ORDERS_ID, partition: 3, fromOffset: 9_223_372_036_854_775_806n },
    },
    { batchId: "batch-2", begunAt: 1_799_999_000_001 },
  ],
};

test("an item is read as it is written, byte by byte", () => {
  expect(encodeManifestProgress({ progress, writeId: "write-7" })).toEqual(item);
  expect(decodeManifestProgress(item)).toEqual({ progress, writeId: "write-7" });
});

test("G7: as many batches as may wait fit the item, with the longest of names and offsets", () => {
  const openRange = { topicId: ORDERS_ID, partition: 2_147_483_647, fromOffset: 2n ** 63n - 1n };
  const waiting = Array.from({ length: MAX_WAITING_BATCHES }, (_, index) => ({
    batchId: `0b0d6d40-6f25-4a3b-8c55-${index.toString().padStart(12, "0")}`,
    ...{ begunAt: 1_800_000_000_000, openRange },
  }));

  const full = encodeManifestProgress({ progress: { ...progress, waiting }, writeId: ORDERS_ID });

  expect(itemBytes(full)).toBeLessThan(MAX_ITEM_BYTES);
});

test("IC6: what a later release calls critical is refused by code that does not know it", () => {
  const later = { ...item, crit: { SS: ["later"] }, later: { S: "thing" } };

  expect(() => decodeManifestProgress(later)).toThrow("later");
});
