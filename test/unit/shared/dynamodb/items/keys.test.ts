import { expect, test } from "vitest";
import { ConfigurationError, LedgerIntegrityError } from "../../../../../shared/core/errors.ts";
import {
  chainListing,
  decodeRangeKey,
  pipelineKey,
  rangeKey,
  requestKey,
} from "../../../../../shared/dynamodb/items/attributes/keys.ts";

const topicId = "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77";
const live = { pipeline: "word-count", topicId, partition: 12 };

test("a live range is found by its chain and fromOffset", () => {
  expect(rangeKey({ chain: live, fromOffset: 42n })).toEqual({
    pk: { S: `v1#word-count#${topicId}#12` },
    sk: { S: "0000000000000000042" },
  });
});

test("G9: a reprocessed range is found by its request, never in the live chain", () => {
  const key = rangeKey({ chain: { ...live, requestId: "fix-1" }, fromOffset: 42n });

  expect(key).toEqual({
    pk: { S: "v1#word-count#reprocess#fix-1" },
    sk: { S: `${topicId}#0000000012#0000000000000000042` },
  });
});

test.each([live, { ...live, requestId: "fix-1" }])("a key says again what it was made of", (chain) => {
  const { pk, sk } = rangeKey({ chain, fromOffset: 9_223_372_036_854_775_807n });

  const decoded = decodeRangeKey(pk?.S ?? "", sk?.S ?? "");

  expect(decoded).toEqual({ chain, fromOffset: 9_223_372_036_854_775_807n });
});

test.each(["", "a#b", "a b", "ключ", "x".repeat(65)])("the name %j would break a key and is refused", (name) => {
  expect(() => chainListing({ ...live, pipeline: name })).toThrow(ConfigurationError);
  expect(() => chainListing({ ...live, requestId: name })).toThrow(ConfigurationError);
  expect(() => requestKey("word-count", name)).toThrow(ConfigurationError);
  expect(() => pipelineKey(name)).toThrow(ConfigurationError);
});

test("a topic id that is not a lower-case UUID is a bug of its reader", () => {
  expect(() => chainListing({ ...live, topicId: topicId.toUpperCase() })).toThrow("not a lower-case UUID");
});

test.each([
  ["v1#pipelines", "word-count"],
  ["v1#word-count#requests", "fix-1"],
  [`v1#word-count#${topicId}#12`, "42"],
  ["v1#word-count#reprocess#fix-1", "0000000000000000042"],
])("%s / %s is not a range's key", (partitionKey, sortKey) => {
  expect(() => decodeRangeKey(partitionKey, sortKey)).toThrow(LedgerIntegrityError);
});
