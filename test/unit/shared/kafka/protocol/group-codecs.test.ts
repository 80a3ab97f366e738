// Bytes as Kafka's message definitions have them.

import { describe, expect, test } from "vitest";
import { findCoordinatorV3 } from "../../../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { listGroupsV4 } from "../../../../../shared/kafka/protocol/groups/list-groups-v4.ts";
import { offsetCommitV8 } from "../../../../../shared/kafka/protocol/groups/offset-commit-v8.ts";
import { offsetFetchV7 } from "../../../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import { WireError } from "../../../../../shared/kafka/protocol/wire-reader.ts";

/** Bytes from hexadecimal with spaces. */
function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

const plain = (bytes: Buffer) => bytes.toString("hex");

describe("FindCoordinator v3", () => {
  test("asks for a group's or for a transaction's", () => {
    expect(plain(findCoordinatorV3.encode({ keyType: "group", key: "ab" }))).toBe("0361620000");
    expect(plain(findCoordinatorV3.encode({ keyType: "transaction", key: "ab" }))).toBe("0361620100");
  });

  test("reads where it is", () => {
    expect(findCoordinatorV3.decode(hex("00000007 0000 01 00000002 03 6162 00002384 00"))).toEqual({
      throttleTimeMs: 7,
      errorCode: 0,
      nodeId: 2,
      host: "ab",
      port: 9_092,
    });
  });
});

describe("ListGroups v4", () => {
  test("asks for groups in whatever state", () => {
    expect(plain(listGroupsV4.encode({}))).toBe("0100");
  });

  test("reads groups and their states, and refuses an answer that ends too early", () => {
    const answer = hex("00000007 000e 03 02 67 09 636f6e73756d6572 07 537461626c65 00 02 68 01 06 456d707479 00 00");

    expect(listGroupsV4.decode(answer)).toEqual({
      throttleTimeMs: 7,
      errorCode: 14,
      groups: [
        { groupId: "g", state: "Stable" },
        { groupId: "h", state: "Empty" },
      ],
    });
    expect(() => listGroupsV4.decode(answer.subarray(0, -2))).toThrow(WireError);
  });
});

describe("OffsetFetch v7", () => {
  test("asks for partitions by topic, and for what no transaction may change", () => {
    const partitions = [
      { topic: "ab", partition: 3 },
      { topic: "ab", partition: 4 },
    ];

    expect(plain(offsetFetchV7.encode({ groupId: "g", partitions, isStable: true }))).toBe(
      plain(hex("02 67  02 03 6162 03 00000003 00000004 00  01 00")),
    );
  });

  test("reads offsets and metadata, and refuses an answer that ends too early", () => {
    const answer = hex(
      `00000007
         02 03 6162
           03 00000003 000000000000000a ffffffff 03 6d6d 0000 00
              00000004 ffffffffffffffff ffffffff 00 0058 00
         00
       001e 00`,
    );

    expect(offsetFetchV7.decode(answer)).toEqual({
      throttleTimeMs: 7,
      errorCode: 30,
      offsets: [
        { topic: "ab", partition: 3, offset: 10n, metadata: "mm", errorCode: 0 },
        { topic: "ab", partition: 4, offset: -1n, metadata: "", errorCode: 88 },
      ],
    });
    expect(() => offsetFetchV7.decode(answer.subarray(0, 20))).toThrow(WireError);
  });
});

describe("OffsetCommit v8", () => {
  test("commits as nobody of the group", () => {
    expect(plain(offsetCommitV8.encode({ groupId: "g", offsets: [{ topic: "ab", partition: 3, offset: 10n }] }))).toBe(
      plain(hex("02 67 ffffffff 01 00  02 03 6162 02 00000003 000000000000000a ffffffff 01 00 00  00")),
    );
  });

  test("reads what became of each partition", () => {
    expect(offsetCommitV8.decode(hex("00000007 02 03 6162 02 00000003 0019 00 00 00"))).toEqual({
      throttleTimeMs: 7,
      partitions: [{ topic: "ab", partition: 3, errorCode: 25 }],
    });
  });
});
