import { describe, expect, test } from "vitest";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { checkRecord, type KafkaOutputRecord } from "../../../../../shared/kafka/output/output-record.ts";

const defaults = { topic: "copies", timestamp: 7n };
/** What code without types gives. */
const check = (record: unknown) => checkRecord(record as KafkaOutputRecord, 3, defaults);

describe("an output", () => {
  test("takes what it leaves out from the output's options", () => {
    expect(check({ value: "ä" })).toEqual({
      topic: "copies",
      key: null,
      value: Buffer.from("ä"),
      headers: [],
      timestamp: 7n,
      partition: undefined,
      byteLength: 2,
    });
  });

  test.each([
    [null, "is null"],
    [{ topic: "a b", value: "" }, 'has topic "a b"'],
    [{ key: "k" }, "has no value; give bytes, text or null; { ...record } copies no field"],
    [{ value: { a: 1 } }, 'has value {"a":1}'],
    [{ value: "", key: 5 }, "has key 5"],
    [{ value: "", partition: -1 }, "has partition -1"],
    [{ value: "", partition: 1.5 }, "has partition 1.5"],
    [{ value: "", timestamp: 1.5 }, "has timestamp 1.5"],
    [{ value: "", timestamp: -5n }, 'has timestamp "-5"'],
    [{ value: "", timestamp: 2n ** 63n }, "has timestamp"],
    [{ value: "", headers: { a: 1 } }, 'has headers {"a":1}'],
    [{ value: "", headers: [{ value: "" }] }, "has header 0 with key missing"],
    [{ value: "", headers: [{ key: "k", value: 5 }] }, "has value of header 0 5"],
  ])("%o is refused", (record, words) => {
    const refused = () => check(record);

    expect(refused).toThrow(InvalidOutputError);
    expect(refused).toThrow(`output 3 ${words}`);
    expect(refused).toThrow(expect.objectContaining({ outputIndex: 3 }));
  });

  test("larger than any that is read is refused", () => {
    expect(() => check({ value: Buffer.alloc(52_428_801) })).toThrow("output 3 has 52428801 bytes");
  });

  test("without a topic anywhere is refused", () => {
    expect(() => checkRecord({ value: "" }, 0, { ...defaults, topic: undefined })).toThrow(
      "output 0 has topic missing",
    );
  });
});
