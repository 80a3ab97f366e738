// Bytes as Kafka's message definitions have them.

import { describe, expect, test } from "vitest";
import type { ApiCall } from "../../../../../shared/kafka/protocol/api-call.ts";
import { produceV9 } from "../../../../../shared/kafka/protocol/produce-v9.ts";
import { addOffsetsToTxnV3 } from "../../../../../shared/kafka/protocol/transactions/add-offsets-to-txn-v3.ts";
import { addPartitionsToTxnV3 } from "../../../../../shared/kafka/protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../../../../../shared/kafka/protocol/transactions/end-txn-v3.ts";
import { initProducerIdV4 } from "../../../../../shared/kafka/protocol/transactions/init-producer-id-v4.ts";
import { txnOffsetCommitV3 } from "../../../../../shared/kafka/protocol/transactions/txn-offset-commit-v3.ts";

/** Bytes from hexadecimal with spaces. */
function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

const identity = { transactionalId: "ab", producerId: 4_001n, producerEpoch: 2 };
const ID = "03 6162 0000000000000fa1 0002";

/** One kind of request with its bytes, and an answer's bytes with what they mean. */
function codec<Request, Response>(
  call: ApiCall<Request, Response>,
  given: { readonly request: Request; readonly asked: string; readonly answered: string; readonly response: Response },
) {
  return [
    `${call.name} v${call.apiVersion}`,
    {
      encoded: () => call.encode(given.request).toString("hex"),
      asked: hex(given.asked).toString("hex"),
      decoded: () => call.decode(hex(given.answered)),
      response: given.response,
    },
  ] as const;
}

const partitionAnswer = { throttleTimeMs: 7, partitions: [{ topic: "cd", partition: 3, errorCode: 47 }] };

describe.each([
  codec(initProducerIdV4, {
    request: { transactionalId: "ab", transactionTimeoutMs: 1_000 },
    asked: "03 6162 000003e8 ffffffffffffffff ffff 00",
    answered: "00000007 0000 0000000000000fa1 0002 00",
    response: { throttleTimeMs: 7, errorCode: 0, producerId: 4_001n, producerEpoch: 2 },
  }),
  codec(addPartitionsToTxnV3, {
    request: { ...identity, partitions: [{ topic: "cd", partition: 3 }] },
    asked: `${ID} 02 03 6364 02 00000003 00 00`,
    answered: "00000007 02 03 6364 02 00000003 002f 00 00 00",
    response: partitionAnswer,
  }),
  codec(addOffsetsToTxnV3, {
    request: { ...identity, groupId: "g" },
    asked: `${ID} 02 67 00`,
    answered: "00000007 0033 00",
    response: { throttleTimeMs: 7, errorCode: 51 },
  }),
  codec(txnOffsetCommitV3, {
    request: { ...identity, groupId: "g", topic: "cd", partition: 3, offset: 10n, metadata: "mm" },
    asked:
      "03 6162 02 67 0000000000000fa1 0002 ffffffff 01 00 02 03 6364 02 00000003 000000000000000a ffffffff 03 6d6d 00 00 00",
    answered: "00000007 02 03 6364 02 00000003 002f 00 00 00",
    response: partitionAnswer,
  }),
  codec(endTxnV3, {
    request: { ...identity, isCommitted: true },
    asked: `${ID} 01 00`,
    answered: "00000007 005a 00",
    response: { throttleTimeMs: 7, errorCode: 90 },
  }),
  codec(produceV9, {
    request: { transactionalId: "ab", timeoutMs: 1_000, batches: [{ topic: "cd", partition: 3, batch: hex("aabb") }] },
    asked: "03 6162 ffff 000003e8 02 03 6364 02 00000003 03 aabb 00 00 00",
    answered: `02 03 6364 02 00000003 0020 000000000000000a ffffffffffffffff 0000000000000000
                 02 00000001 03 6e6f 00 00 00 00 00000007 00`,
    response: {
      throttleTimeMs: 7,
      partitions: [
        {
          topic: "cd",
          partition: 3,
          errorCode: 32,
          baseOffset: 10n,
          recordErrors: [{ index: 1, message: "no" }],
          errorMessage: null,
        },
      ],
    },
  }),
])("%s", (_, { encoded, asked, decoded, response }) => {
  test("is asked", () => {
    expect(encoded()).toBe(asked);
  });

  test("is answered", () => {
    expect(decoded()).toEqual(response);
  });
});

test("Produce is outside of transactions without an id of one", () => {
  expect(produceV9.encode({ transactionalId: null, timeoutMs: 1, batches: [] }).toString("hex")).toBe(
    hex("00 ffff 00000001 01 00").toString("hex"),
  );
});
