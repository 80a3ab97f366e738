import { describe, expect, test } from "vitest";
import { describeProducersV0 } from "../../../../../shared/kafka/protocol/describe-producers-v0.ts";
import { fetchV13 } from "../../../../../shared/kafka/protocol/fetch-v13.ts";
import { listOffsetsV7 } from "../../../../../shared/kafka/protocol/list-offsets-v7.ts";
import { metadataV12 } from "../../../../../shared/kafka/protocol/metadata-v12.ts";
import { offsetForLeaderEpochV4 } from "../../../../../shared/kafka/protocol/offset-for-leader-epoch-v4.ts";
import { WireError } from "../../../../../shared/kafka/protocol/wire-reader.ts";

/** Bytes from hexadecimal with spaces. */
function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

const topicId = "01234567-89ab-cdef-0123-456789abcdef";

const fetchResponse = hex(`
  00000007 0000 00000000
  02 0123456789abcdef0123456789abcdef
    02 00000003 0000 0000000000000064 0000000000000060 0000000000000010
       02 0000000000000005 0000000000000020 00
       ffffffff 04 aabbcc
       02 00 0d 00000002 0000000000000030 00
          01 09 00000001 00000002 00
    00
  00`);

describe("DescribeProducers v0", () => {
  test("asks for partitions by topic", () => {
    const partitions = [
      { topic: "ab", partition: 3 },
      { topic: "c", partition: 0 },
      { topic: "ab", partition: 4 },
    ];

    expect(describeProducersV0.encode({ partitions }).toString("hex")).toBe(
      hex("03 03 6162 03 00000003 00000004 00  02 63 02 00000000 00  00").toString("hex"),
    );
  });

  test("reads each partition's producers, those without a transaction too", () => {
    const response = describeProducersV0.decode(
      hex(`00000007
        02 03 6162
          03 00000003 0000 00
             03 0000000000000fa1 00000002 00000005 0000019b76daa800 00000001 0000000000000003 00
                0000000000000fa2 00000000 ffffffff ffffffffffffffff ffffffff ffffffffffffffff 00
             00
             00000004 001d 03 6e6f 01 00
          00
        00`),
    );

    expect(response).toEqual({
      throttleTimeMs: 7,
      partitions: [
        {
          topic: "ab",
          partition: 3,
          errorCode: 0,
          producers: [
            { producerId: 4_001n, producerEpoch: 2, lastTimestamp: 1_767_225_600_000n, transactionStartOffset: 3n },
            { producerId: 4_002n, producerEpoch: 0, lastTimestamp: -1n, transactionStartOffset: -1n },
          ],
        },
        { topic: "ab", partition: 4, errorCode: 29, producers: [] },
      ],
    });
  });
});

describe("Metadata v12", () => {
  test("asks for topics by name, and for every topic by an absent list; it never creates one", () => {
    expect(metadataV12.encode({ topics: ["ab"] }).toString("hex")).toBe(
      hex("02 00000000000000000000000000000000 03 6162 00  00 00 00").toString("hex"),
    );
    expect(metadataV12.encode({ topics: undefined }).toString("hex")).toBe("00000000");
  });

  test("reads the racks of the brokers that have one", () => {
    const { brokers } = metadataV12.decode(
      hex(`00000005
        03 00000001 03 6131 00002384 09 7573 6531 2d61 7a31 00
           00000002 03 6132 00002384 01 00
        00 00000001 01 00`),
    );

    expect(brokers).toEqual([
      { nodeId: 1, host: "a1", port: 9092, rack: "use1-az1" },
      { nodeId: 2, host: "a2", port: 9092 },
    ]);
  });

  test("reads brokers, topic ids, leaders and epochs, past tags it does not know", () => {
    const response = metadataV12.decode(
      hex(`00000005
        02 00000001 03 6131 00002384 00 01 05 02 ffff
        03 6364 00000001
        02 0000 03 6162 0123456789abcdef0123456789abcdef 01
          03 0000 00000000 00000001 00000004 02 00000001 02 00000001 01 00
             0005 00000001 ffffffff 00000000 01 01 01 00
          80000000 00
        00`),
    );

    expect(response).toEqual({
      throttleTimeMs: 5,
      brokers: [{ nodeId: 1, host: "a1", port: 9092 }],
      topics: [
        {
          errorCode: 0,
          name: "ab",
          topicId,
          isInternal: true,
          partitions: [
            { errorCode: 0, partition: 0, leaderId: 1, leaderEpoch: 4 },
            { errorCode: 5, partition: 1, leaderId: -1, leaderEpoch: 0 },
          ],
        },
      ],
    });
  });
});

describe("ListOffsets v7", () => {
  test("asks once per topic, with the isolation level and each leader epoch", () => {
    const queries = [
      { topic: "a", partition: 0, leaderEpoch: 4, timestamp: -1n },
      { topic: "b", partition: 1, leaderEpoch: -1, timestamp: -2n },
      { topic: "a", partition: 2, leaderEpoch: 5, timestamp: 9n },
    ];

    expect(listOffsetsV7.encode({ isolationLevel: "read_committed", queries }).toString("hex")).toBe(
      hex(`ffffffff 01
        03 02 61 03 00000000 00000004 ffffffffffffffff 00
                    00000002 00000005 0000000000000009 00 00
           02 62 02 00000001 ffffffff fffffffffffffffe 00 00
        00`).toString("hex"),
    );
  });

  test("reads one answer per partition", () => {
    const body = hex("00000000 02 02 61 02 00000003 0006 ffffffffffffffff 0000000000000007 00000002 00 00 00");

    expect(listOffsetsV7.decode(body)).toEqual({
      throttleTimeMs: 0,
      answers: [{ topic: "a", partition: 3, errorCode: 6, offset: 7n, leaderEpoch: 2 }],
    });
  });
});

describe("OffsetForLeaderEpoch v4", () => {
  test("asks for the end of one epoch", () => {
    const request = { topic: "a", partition: 3, currentLeaderEpoch: 5, leaderEpoch: 4 };

    expect(offsetForLeaderEpochV4.encode(request).toString("hex")).toBe(
      hex("ffffffff 02 02 61 02 00000003 00000005 00000004 00 00 00").toString("hex"),
    );
  });

  test("reads the epoch that the log holds and its end, of one partition and no other", () => {
    const body = hex("00000000 02 02 61 02 0000 00000003 00000004 0000000000000009 00 00 00");
    const none = hex("00000000 01 00");

    expect(offsetForLeaderEpochV4.decode(body)).toEqual({
      throttleTimeMs: 0,
      errorCode: 0,
      leaderEpoch: 4,
      endOffset: 9n,
    });
    expect(() => offsetForLeaderEpochV4.decode(none)).toThrow(WireError);
  });
});

describe("Fetch v13", () => {
  test("asks for one partition by topic id, in a full fetch without a session", () => {
    const request = {
      topicId,
      partition: 3,
      leaderEpoch: 5,
      fetchOffset: 100n,
      lastFetchedEpoch: 4,
      isolationLevel: "read_committed",
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 1_048_576,
      rackId: "r",
    } as const;

    expect(fetchV13.encode(request).toString("hex")).toBe(
      hex(`ffffffff 000001f4 00000001 00100000 01 00000000 ffffffff
        02 0123456789abcdef0123456789abcdef
          02 00000003 00000005 0000000000000064 00000004 ffffffffffffffff 00100000 00 00
        01 02 72 00`).toString("hex"),
    );
  });

  test("reads the log's ends, aborted transactions, records and the diverging epoch", () => {
    expect(fetchV13.decode(fetchResponse)).toEqual({
      throttleTimeMs: 7,
      errorCode: 0,
      partition: {
        topicId,
        partition: 3,
        errorCode: 0,
        highWatermark: 100n,
        lastStableOffset: 96n,
        logStartOffset: 16n,
        abortedTransactions: [{ producerId: 5n, firstOffset: 32n }],
        preferredReadReplica: -1,
        records: hex("aabbcc"),
        divergingEpoch: { epoch: 2, endOffset: 48n },
      },
    });
  });

  test("hands the records out as a view of the response", () => {
    expect(fetchV13.decode(fetchResponse).partition?.records.buffer).toBe(fetchResponse.buffer);
  });

  test("a response that is cut off anywhere is malformed, never half read", () => {
    for (let end = 0; end < fetchResponse.length; end++) {
      expect(() => fetchV13.decode(fetchResponse.subarray(0, end)), `${end} bytes`).toThrow(WireError);
    }
  });
});
