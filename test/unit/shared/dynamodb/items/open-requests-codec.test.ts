import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { newProgress } from "../../../../../shared/core/ledger/reprocess-request.ts";
import { NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import { itemBytes } from "../../../../../shared/dynamodb/items/attributes/item-size.ts";
import {
  decodeOpenRequests,
  encodeOpenRequests,
  type OpenRequests,
} from "../../../../../shared/dynamodb/items/open-requests-codec.ts";

/** As it is stored: what is in a table today is read by whatever is deployed tomorrow. */
const item: Record<string, AttributeValue> = {
  pk: { S: "v1#word-count#open" },
  sk: { S: "requests" },
  schema: { N: "1" },
  revision: { N: "7" },
  requests: {
    L: [
      { M: { requestId: { S: "again-1" }, settled: { S: "0-41,57" }, open: { S: "42,58" } } },
      {
        M: {
          requestId: { S: "again-3" },
          settled: { S: "0-1" },
          outcomes: {
            M: {
              processed: { N: "9223372036854775807" },
              rejected: { N: "1" },
              quarantined: { N: "2" },
              skipped: { N: "3" },
              lost: { N: "4" },
            },
          },
          open: { S: "" },
        },
      },
      {
        M: {
          requestId: { S: "again-2" },
          settled: { S: "" },
          open: { S: "" },
          cancelled: { M: { by: { S: "ada" }, reason: { S: "wrong topic" }, at: { N: "1800000000000" } } },
        },
      },
    ],
  },
};

const record: OpenRequests = {
  pipeline: "word-count",
  revision: 7,
  requests: [
    // Of earlier code: what became of its settled ranges nobody has kept.
    { requestId: "again-1", settled: [...Array(42).keys(), 57], outcomes: NO_OUTCOMES, open: [42, 58] },
    {
      requestId: "again-3",
      settled: [0, 1],
      outcomes: { processed: 9_223_372_036_854_775_807n, rejected: 1n, quarantined: 2n, skipped: 3n, lost: 4n },
      open: [],
    },
    {
      ...newProgress("again-2"),
      cancelled: { by: "ada", reason: "wrong topic", at: 1_800_000_000_000 },
    },
  ],
};

test("the record is stored and read as it is", () => {
  expect(encodeOpenRequests(record)).toEqual(item);
  expect(decodeOpenRequests(item)).toEqual(record);
});

test("a request of a hundred thousand ranges that goes on in order takes one write unit", () => {
  const settled = [...Array(60_000).keys()];
  const open = Array.from({ length: 16 }, (_, index) => 60_000 + index * 3);

  const stored = encodeOpenRequests({ pipeline: "p", revision: 1, requests: [{ ...newProgress("r"), settled, open }] });

  expect(itemBytes(stored)).toBeLessThan(1_024);
});

test("more requests than one item holds are refused with what to do", () => {
  const settled = Array.from({ length: 10_000 }, (_, index) => index * 2);
  const requests = Array.from({ length: 10 }, (_, index) => ({
    ...newProgress(`again-${index}`),
    settled,
  }));

  expect(() => encodeOpenRequests({ ...record, requests })).toThrow(ConfigurationError);
  expect(() => encodeOpenRequests({ ...record, requests })).toThrow("10 open reprocess requests, more than its record");
});

test("IC5: an attribute of the item that is not known is passed over; within the list it would be dropped, and is an error", () => {
  const [first] = item["requests"]?.L ?? [];
  const requests = { L: [{ M: { ...first?.M, newer: { S: "x" } } }] };

  expect(decodeOpenRequests({ ...item, newer: { S: "x" } })).toEqual(decodeOpenRequests(item));
  expect(() => decodeOpenRequests({ ...item, requests })).toThrow("unknown attributes newer");
});
