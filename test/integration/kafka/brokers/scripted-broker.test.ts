import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import {
  BeyondEndError,
  ConfigurationError,
  CorruptRecordError,
  DataLossError,
  ProtocolError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { brokerError, ERROR_CODES } from "../../../../shared/kafka/protocol/error-codes.ts";
import { createKafkaRangeReader, type KafkaReaderOptions } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import {
  apiVersionsAnswer,
  fetchAnswer,
  listOffsetsAnswer,
  metadataAnswer,
  type Script,
  type ScriptedBroker,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const REQUEST_TIMEOUT_MS = 400;
const PROGRESS_TIMEOUT_MS = 800;
const ABORT_WITHIN_MS = 50;

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  script?: Script,
  options: Partial<KafkaReaderOptions> = {},
): Promise<{ broker: ScriptedBroker; reader: RangeReader }> {
  const broker = await startScriptedBroker(scriptedLog, script);
  const reader = createKafkaRangeReader({
    clientId: "tests",
    bootstrapServers: [broker.bootstrapServers],
    connectTimeoutMs: REQUEST_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    progressTimeoutMs: PROGRESS_TIMEOUT_MS,
    ...options,
  });
  open.push(reader, broker);
  return { broker, reader };
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Sends these fetch answers first, each once, at the second fetch. */
function atSecondFetch(answer: Parameters<typeof fetchAnswer>[0]): Script {
  return (call) =>
    call.api === "fetch" && call.index === 1 ? { kind: "send", bytes: call.answer(fetchAnswer(answer)) } : undefined;
}

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

  test("F3: that never passes ends within the progress time-out and says what was waited for", async () => {
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

  test("F3: without a leader for good ends the read, and says so", async () => {
    const { reader } = await start((call, { port }) =>
      call.api === "metadata"
        ? { kind: "send", bytes: call.answer(metadataAnswer({ port, leaderId: -1 })) }
        : undefined,
    );

    const { error } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("has no leader") });
  });

  test("T1: one broker that has not heard of the topic is not believed at once; all of them are", async () => {
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

  test("T1: a topic re-created in the middle of the read is data loss, not other records", async () => {
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
  test("R2: an end that lags behind on a new leader is asked for again before the range is refused", async () => {
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

  test("R3: a log that retention cut in the middle of the read is data loss with both offsets", async () => {
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

  test("F3: a log that shrank to the position ends the read in time, and says where it ends", async () => {
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

  test("B1: an answer to a question that nobody asked is passed over, and the deadline holds", async () => {
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
  ])("%s ends the connection and the try", async (_, bytes) => {
    const { reader } = await start((call) => (call.api === "apiVersions" ? { kind: "send", bytes } : undefined));

    const { error } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("frame") });
  });

  test("F1: a body that cannot be decoded is the broker's fault, no record's", async () => {
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

describe("time", () => {
  test("an answer that comes byte by byte is taken when it is whole", async () => {
    const { reader } = await start(
      (call) =>
        call.api === "fetch"
          ? {
              kind: "drip",
              everyMs: 1,
              bytes: call.answer(
                fetchAnswer({ endOffset: 6n, records: scriptedLog.batches[call.index]?.bytes ?? Buffer.alloc(0) }),
              ),
            }
          : undefined,
      { requestTimeoutMs: 5_000 },
    );

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test.each<["silence" | "drip", Script]>([
    ["silence", (call) => (call.api === "fetch" ? { kind: "silence" } : undefined)],
    [
      "drip",
      (call) =>
        call.api === "fetch"
          ? { kind: "drip", everyMs: 30, bytes: Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.alloc(256)]) }
          : undefined,
    ],
  ])("B1: a broker that answers by %s ends the read within its time-outs", async (_, script) => {
    const { reader } = await start(script);

    const took = await elapsedMs(async () => {
      const { error } = await failRange(reader, wholeLog);
      expect(error).toBeInstanceOf(RangeReadError);
      expect(error).toMatchObject({ message: expect.stringMatching(/no answer within \d+ ms/) });
    });

    expect(took).toBeLessThan(PROGRESS_TIMEOUT_MS + 2 * (REQUEST_TIMEOUT_MS + 500) + 1_000);
  });

  test("B1: a broker that accepts and says nothing ends the connecting in time", async () => {
    const { reader } = await start((call) => (call.api === "apiVersions" ? { kind: "silence" } : undefined));

    const took = await elapsedMs(async () => {
      expect((await failRange(reader, wholeLog)).error).toBeInstanceOf(RangeReadError);
    });

    expect(took).toBeLessThan(PROGRESS_TIMEOUT_MS + 2 * REQUEST_TIMEOUT_MS + 1_500);
  });

  test("code that blocks the event loop past the deadline does not lose the answer that came meanwhile", async () => {
    const { reader, broker } = await start();
    const offsets: bigint[] = [];

    for await (const { offset } of reader.readRange(wholeLog).records()) {
      offsets.push(offset);
      if (offset === 0n) {
        const until = performance.now() + 3 * (REQUEST_TIMEOUT_MS + 500);
        while (performance.now() < until) {
          // Busy, as a slow pipeline would be.
        }
      }
    }

    expect(offsets).toEqual(everyOffset);
    expect(broker.connections.made).toBe(1);
  });

  test("a throttled client waits before its next request, and does not call that silence", async () => {
    const throttleTimeMs = REQUEST_TIMEOUT_MS + 600;
    const { reader, broker } = await start((call) =>
      call.api === "fetch" && call.index === 0
        ? {
            kind: "send",
            bytes: call.answer(
              fetchAnswer({ throttleTimeMs, endOffset: 6n, records: scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0) }),
            ),
          }
        : undefined,
    );

    const took = await elapsedMs(async () => {
      expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    });

    expect(took).toBeGreaterThan(throttleTimeMs - 50);
    expect(broker.connections.made).toBe(1);
  });
});

describe("connections", () => {
  test("are reused by the next range, and carry nothing in between", async () => {
    const { reader, broker } = await start();

    await collectRange(reader, wholeLog);
    await collectRange(reader, wholeLog);

    expect(broker.connections).toEqual({ made: 1, open: 1 });
    expect(broker.calls).toEqual([
      "apiVersions",
      "metadata",
      "fetch",
      "fetch",
      "fetch",
      "metadata",
      "fetch",
      "fetch",
      "fetch",
    ]);
  });

  test("that the broker closed while they were idle are replaced", async () => {
    const { reader, broker } = await start((call) =>
      call.api === "fetch" && call.index === 2
        ? {
            kind: "sendAndClose",
            bytes: call.answer(
              fetchAnswer({ endOffset: 6n, records: scriptedLog.batches[2]?.bytes ?? Buffer.alloc(0) }),
            ),
          }
        : undefined,
    );

    await collectRange(reader, wholeLog);
    await waitUntil("the connection is closed", () => broker.connections.open === 0, 2_000);
    const again = await collectRange(reader, wholeLog);

    expect(again.offsets).toEqual(everyOffset);
    expect(broker.connections.made).toBe(2);
  });

  test("B2: a read that is left early leaves no request in flight: its connection is gone", async () => {
    const { reader, broker } = await start();

    for await (const _ of reader.readRange(wholeLog).batches()) {
      break;
    }

    await waitUntil("the connection is closed", () => broker.connections.open === 0, 2_000);
    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test("B2: close ends what is under way, and the reader with it", async () => {
    const { reader, broker } = await start(
      (call) => (call.api === "fetch" && call.index === 1 ? { kind: "silence" } : undefined),
      {
        requestTimeoutMs: 20_000,
        progressTimeoutMs: 20_000,
      },
    );

    const reading = failRange(reader, wholeLog);
    await waitUntil(
      "the second fetch is in flight",
      () => broker.calls.filter((call) => call === "fetch").length === 2,
      2_000,
    );
    const took = await elapsedMs(async () => {
      await reader.close();
      expect((await reading).error).toBeInstanceOf(ConfigurationError);
    });

    expect(took).toBeLessThan(ABORT_WITHIN_MS);
    await waitUntil("the connection is closed", () => broker.connections.open === 0, 2_000);
  });
});

describe("an abort", () => {
  const reason = new Error("time is up");
  const patient = { connectTimeoutMs: 20_000, requestTimeoutMs: 20_000, progressTimeoutMs: 20_000 };

  test.each<[string, Script]>([
    ["while it connects", (call) => (call.api === "apiVersions" ? { kind: "silence" } : undefined)],
    ["while it waits for metadata", (call) => (call.api === "metadata" ? { kind: "silence" } : undefined)],
    ["while it waits for the first fetch", (call) => (call.api === "fetch" ? { kind: "silence" } : undefined)],
    [
      "while it waits for a later fetch",
      (call) => (call.api === "fetch" && call.index > 0 ? { kind: "silence" } : undefined),
    ],
    [
      "between two tries",
      (call) =>
        call.api === "fetch" && call.index > 0
          ? { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: 78 })) }
          : undefined,
    ],
  ])("%s ends the read within 50 ms with the signal's reason, and the connection with it", async (_, script) => {
    const { reader, broker } = await start(script, patient);
    const controller = new AbortController();
    const reading = failRange(reader, { ...wholeLog, signal: controller.signal });
    await delay(150);

    const took = await elapsedMs(async () => {
      controller.abort(reason);
      expect((await reading).error).toBe(reason);
    });

    expect(took).toBeLessThan(ABORT_WITHIN_MS);
    await waitUntil("the connection is closed", () => broker.connections.open === 0, 2_000);
  });

  test("between two batches ends the read before the next one", async () => {
    const { reader } = await start();
    const controller = new AbortController();
    const offsets: bigint[] = [];

    const reading = async () => {
      for await (const batch of reader.readRange({ ...wholeLog, signal: controller.signal }).batches()) {
        offsets.push(...[...batch].map(({ offset }) => offset));
        controller.abort(reason);
      }
    };

    await expect(reading()).rejects.toBe(reason);
    expect(offsets).toEqual([0n, 1n]);
  });

  test("that came before the read needs no broker", async () => {
    const { reader, broker } = await start();

    const { error } = await failRange(reader, { ...wholeLog, signal: AbortSignal.abort(reason) });

    expect(error).toBe(reason);
    expect(broker.connections.made).toBe(0);
  });
});
