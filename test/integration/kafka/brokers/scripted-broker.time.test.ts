import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import { fetchAnswer, type Script } from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";
import {
  elapsedMs,
  PROGRESS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  scriptedReaders,
} from "../../../support/kafka/scripted-readers.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const ABORT_WITHIN_MS = 50;

const { start, closeAll } = scriptedReaders();

afterEach(closeAll);

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
  ])("BC1: a broker that answers by %s ends the read within its time-outs", async (_, script) => {
    const { reader } = await start(script);

    const took = await elapsedMs(async () => {
      const { error } = await failRange(reader, wholeLog);
      expect(error).toBeInstanceOf(RangeReadError);
      expect(error).toMatchObject({ message: expect.stringMatching(/no answer within \d+ ms/) });
    });

    expect(took).toBeLessThan(PROGRESS_TIMEOUT_MS + 2 * (REQUEST_TIMEOUT_MS + 500) + 1_000);
  });

  test("BC1: a broker that accepts and says nothing ends the connecting in time", async () => {
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

  test("BC2: a read that is left early leaves no request in flight: its connection is gone", async () => {
    const { reader, broker } = await start();

    for await (const _ of reader.readRange(wholeLog).batches()) {
      break;
    }

    await waitUntil("the connection is closed", () => broker.connections.open === 0, 2_000);
    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
  });

  test("BC2: close ends what is under way, and the reader with it", async () => {
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
