import { afterEach, describe, expect, test } from "vitest";
import {
  BeyondEndError,
  ConfigurationError,
  CorruptRecordError,
  DataLossError,
  ProtocolError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import { brokerError, ERROR_CODES } from "../../../../shared/kafka/protocol/error-codes.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import {
  apiVersionsAnswer,
  fetchAnswer,
  listOffsetsAnswer,
  metadataAnswer,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";
import {
  atSecondFetch,
  elapsedMs,
  PROGRESS_TIMEOUT_MS,
  scriptedReaders,
} from "../../../support/kafka/scripted-readers.ts";

const { start, closeAll } = scriptedReaders();

afterEach(closeAll);

describe("every error code that a fetch can be answered", () => {
  const codes = Object.keys(ERROR_CODES)
    .map(Number)
    .filter((code) => code !== 0);
  const passing = codes.filter((code) =>
    ["retry", "refresh", "unknownTopic", "outOfRange"].includes(brokerError(code).reaction),
  );
  const final = codes.filter((code) => !passing.includes(code));

  test("G1: that passes leaves the read exact", async () => {
    for (const code of passing) {
      const { reader } = await start(atSecondFetch({ errorCode: code }));

      const { offsets, read } = await collectRange(reader, wholeLog);

      expect(offsets, brokerError(code).name).toEqual(everyOffset);
      expect(read.position).toBe(6n);
    }
  });

  test("that does not pass ends the read at once, typed, with its name", async () => {
    for (const code of final) {
      const { reader } = await start(atSecondFetch({ errorCode: code }));

      const { error, offsets } = await failRange(reader, wholeLog);

      const { name, reaction } = brokerError(code);
      const isRefused = reaction === "refused";
      const isCorrupt = reaction === "corrupt";
      expect(error, name).toBeInstanceOf(
        isRefused ? ConfigurationError : isCorrupt ? CorruptRecordError : ProtocolError,
      );
      expect(error).toMatchObject({ message: expect.stringContaining(name) });
      expect(offsets).toEqual([0n, 1n]);
    }
  });

  test("at the top level means the same", async () => {
    const passes = await start(atSecondFetch({ topLevelErrorCode: 70 }));
    const refused = await start(atSecondFetch({ topLevelErrorCode: 31 }));

    expect((await collectRange(passes.reader, wholeLog)).offsets).toEqual(everyOffset);
    expect((await failRange(refused.reader, wholeLog)).error).toBeInstanceOf(ConfigurationError);
  });

  test("PF3: that never passes ends within the progress time-out and says what was waited for", async () => {
    for (const code of [6, 74, 78, 100]) {
      const { reader } = await start((call) =>
        call.api === "fetch" && call.index > 0
          ? { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: code })) }
          : undefined,
      );

      const took = await elapsedMs(async () => {
        const { error, offsets } = await failRange(reader, wholeLog);
        expect(error).toBeInstanceOf(RangeReadError);
        expect(error).toMatchObject({ retryable: true, message: expect.stringContaining(brokerError(code).name) });
        expect(offsets).toEqual([0n, 1n]);
      });
      expect(took).toBeLessThan(PROGRESS_TIMEOUT_MS + 1_500);
    }
  });
});

describe("metadata", () => {
  test("is asked for again while the partition has no leader", async () => {
    const { reader } = await start((call, { port }) =>
      call.api === "metadata" && call.index < 3
        ? {
            kind: "send",
            bytes: call.answer(metadataAnswer({ port, ...(call.index === 0 ? { errorCode: 5 } : { leaderId: -1 }) })),
          }
        : undefined,
    );

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test("PF3: without a leader for good ends the read, and says so", async () => {
    const { reader } = await start((call, { port }) =>
      call.api === "metadata"
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, leaderId: -1 })) }
        : undefined,
    );

    const { error } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("has no leader") });
  });

  test("LS1: one broker that has not heard of the topic is not believed at once; all of them are", async () => {
    const late = await start((call, { port }) =>
      call.api === "metadata" && call.index < 2
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, errorCode: 3 })) }
        : undefined,
    );
    const gone = await start((call, { port }) =>
      call.api === "metadata"
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, errorCode: 3 })) }
        : undefined,
    );

    expect((await collectRange(late.reader, wholeLog)).offsets).toEqual(everyOffset);
    expect((await failRange(gone.reader, wholeLog)).error).toBeInstanceOf(ConfigurationError);
  });

  test("LS1: a topic re-created in the middle of the read is data loss, not other records", async () => {
    const otherId = "11111111-2222-3333-4444-555555555555";
    const { reader } = await start((call, { port }) => {
      if (call.api === "fetch" && call.index > 0) {
        return { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: 100 })) };
      }
      return call.api === "metadata" && call.index > 0
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, topicId: otherId })) }
        : undefined;
    });

    const { error, offsets } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({ message: expect.stringContaining(otherId) });
    expect(offsets).toEqual([0n, 1n]);
  });

  test("that refuses access is for somebody to change", async () => {
    const { reader } = await start((call, { port }) =>
      call.api === "metadata"
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, errorCode: 29 })) }
        : undefined,
    );

    expect((await failRange(reader, wholeLog)).error).toBeInstanceOf(ConfigurationError);
  });
});

describe("the ends of the log", () => {
  test("RR2: an end that lags behind on a new leader is asked for again before the range is refused", async () => {
    const lagging = await start((call) =>
      call.api === "fetch" && call.index === 0
        ? {
            kind: "send",
            bytes: call.answer(
              fetchAnswer({ endOffset: 1n, records: scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0) }),
            ),
          }
        : call.api === "listOffsets" && call.index === 0
          ? { kind: "send", bytes: call.answer(listOffsetsAnswer({ errorCode: 78, offset: -1n })) }
          : undefined,
    );
    const short = await start((call) =>
      call.api === "fetch"
        ? {
            kind: "send",
            bytes: call.answer(
              fetchAnswer({ endOffset: 1n, records: scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0) }),
            ),
          }
        : call.api === "listOffsets"
          ? { kind: "send", bytes: call.answer(listOffsetsAnswer({ offset: 1n })) }
          : undefined,
    );

    expect((await collectRange(lagging.reader, wholeLog)).offsets).toEqual(everyOffset);
    const { error, offsets } = await failRange(short.reader, wholeLog);
    expect(error).toBeInstanceOf(BeyondEndError);
    expect(offsets).toEqual([]);
  });

  test("RR3: a log that retention cut in the middle of the read is data loss with both offsets", async () => {
    const { reader } = await start((call) => {
      if (call.api === "fetch" && call.index > 0) {
        return { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: 1 })) };
      }
      return call.api === "listOffsets"
        ? { kind: "send", bytes: call.answer(listOffsetsAnswer({ offset: 5n })) }
        : undefined;
    });

    const { error, offsets } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({ fromOffset: 2n, loss: { kind: "deleted", beginningOffset: 5n } });
    expect(offsets).toEqual([0n, 1n]);
  });

  test("PF3: a log that shrank to the position ends the read in time, and says where it ends", async () => {
    const { reader } = await start((call) =>
      call.api === "fetch" && call.index > 0
        ? { kind: "send", bytes: call.answer(fetchAnswer({ endOffset: 2n })) }
        : undefined,
    );

    const { error, offsets } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("the log ends at offset 2") });
    expect(offsets).toEqual([0n, 1n]);
  });
});

describe("what no broker should send", () => {
  const records = scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0);

  test.each<[string, Parameters<typeof fetchAnswer>[0]]>([
    ["another topic", { topicId: "99999999-9999-9999-9999-999999999999", endOffset: 6n, records }],
    ["another partition", { partition: 7, endOffset: 6n, records }],
  ])("an answer for %s is not taken for ours", async (_, answer) => {
    const { reader } = await start(atSecondFetch(answer));

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test("an answer that ends in the middle, with the connection, is asked for again", async () => {
    for (const cut of [0, 3, 8, 20, 90]) {
      const { reader } = await start((call) =>
        call.api === "fetch" && call.index === 1
          ? { kind: "sendAndClose", bytes: call.answer(fetchAnswer({ endOffset: 6n, records })).subarray(0, cut) }
          : undefined,
      );

      expect((await collectRange(reader, wholeLog)).offsets, `cut at ${cut}`).toEqual(everyOffset);
    }
  });

  test("BC1: an answer to a question that nobody asked is passed over, and the deadline holds", async () => {
    const { reader } = await start(
      (call) => {
        const bytes = call.answer(fetchAnswer({ endOffset: 6n, records }));
        bytes.writeInt32BE(12_345, 4);
        return call.api === "fetch" && call.index === 1 ? { kind: "send", bytes } : undefined;
      },
      { requestTimeoutMs: 50 },
    );

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test.each([
    ["a negative frame size", Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
    ["a web page", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("BC3: %s ends the connection and the try", async (_, bytes) => {
    const { reader } = await start((call) => (call.api === "apiVersions" ? { kind: "send", bytes } : undefined));

    const { error } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("frame") });
  });

  test("BE1: a body that cannot be decoded is the broker's fault, no record's", async () => {
    const { reader } = await start((call) =>
      call.api === "fetch" ? { kind: "send", bytes: call.answer(Buffer.from([1, 2, 3])) } : undefined,
    );

    expect((await failRange(reader, wholeLog)).error).toBeInstanceOf(ProtocolError);
  });

  test("a broker too old for topic ids is refused by version", async () => {
    const { reader } = await start((call) =>
      call.api === "apiVersions" ? { kind: "send", bytes: call.answer(apiVersionsAnswer(11)) } : undefined,
    );

    const { error } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining("Kafka 3.1") });
  });
});
