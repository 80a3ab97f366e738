import { describe, expect, test } from "vitest";
import {
  ConfigurationError,
  CorruptRecordError,
  ProtocolError,
  RangeReadError,
} from "../../../../../shared/core/errors.ts";
import { brokerError, ERROR_CODES, type Reaction } from "../../../../../shared/kafka/protocol/error-codes.ts";
import { refusalError } from "../../../../../shared/kafka/refusals/connection-errors.ts";

/** Codes of Kafka 4.1 whose exception is a RetriableException, from org.apache.kafka.common.protocol.Errors. */
const retriable = [
  2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122,
  123, 133,
];
/** Of these, what only producers, groups, controllers and share groups are answered. */
const notForReaders = [14, 15, 16, 19, 20, 41, 51, 84, 88, 122, 123, 133];
const lastCode = 133;

const everyCode = Array.from({ length: lastCode + 2 }, (_, index) => index - 1);
const retrying: readonly Reaction[] = ["retry", "refresh", "unknownTopic"];

describe("Kafka's error codes", () => {
  test("are classified one and all, each under a name of its own", () => {
    const names = everyCode.map((code) => ERROR_CODES[code]?.[0]);

    expect(Object.keys(ERROR_CODES).length).toBe(everyCode.length);
    expect(new Set(names).size).toBe(everyCode.length);
    expect(names.every((name) => /^[A-Z_]+$/.test(name ?? ""))).toBe(true);
  });

  test("that Kafka calls retriable are tried again where a reader can meet them; a corrupt log is not", () => {
    for (const code of retriable.filter((one) => !notForReaders.includes(one) && one !== 2)) {
      expect(retrying, `code ${code}`).toContain(brokerError(code).reaction);
    }
    expect(brokerError(2).reaction).toBe("corrupt");
  });

  test("that refuse access are for somebody to change, never retried", () => {
    for (const code of everyCode.filter((one) => /AUTHORIZATION|AUTHENTICATION/.test(brokerError(one).name))) {
      expect(brokerError(code).reaction, `code ${code}`).toBe("refused");
    }
  });

  test.each<[number, string, Reaction]>([
    [0, "NONE", "none"],
    [1, "OFFSET_OUT_OF_RANGE", "outOfRange"],
    [6, "NOT_LEADER_OR_FOLLOWER", "refresh"],
    [74, "FENCED_LEADER_EPOCH", "refresh"],
    [75, "UNKNOWN_LEADER_EPOCH", "refresh"],
    [78, "OFFSET_NOT_AVAILABLE", "retry"],
    [100, "UNKNOWN_TOPIC_ID", "unknownTopic"],
    [103, "INCONSISTENT_TOPIC_ID", "unknownTopic"],
  ])("%d is %s: %s", (code, name, reaction) => {
    expect(brokerError(code)).toEqual({ code, name, reaction });
  });

  test("that this version does not know are unexpected", () => {
    expect(brokerError(999)).toEqual({ code: 999, name: "ERROR_999", reaction: "unexpected" });
  });

  test("become an error whose retryability agrees with the reaction", () => {
    for (const code of everyCode) {
      const error = refusalError(brokerError(code), "fetching");
      const { reaction } = brokerError(code);
      const finalErrors = { refused: ConfigurationError, corrupt: CorruptRecordError, unexpected: ProtocolError };
      const isFinal = reaction === "refused" || reaction === "corrupt" || reaction === "unexpected";
      expect(error).toBeInstanceOf(isFinal ? finalErrors[reaction] : RangeReadError);
      expect(error.message).toContain(brokerError(code).name);
    }
  });
});
