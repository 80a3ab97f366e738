import { afterEach, describe, expect, test } from "vitest";
import {
  ConfigurationError,
  CorruptRecordError,
  ProtocolError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { brokerError, ERROR_CODES, type Reaction } from "../../../../shared/kafka/protocol/error-codes.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import {
  fetchAnswer,
  listOffsetsAnswer,
  metadataAnswer,
  offsetForLeaderEpochAnswer,
  SCRIPTED_TOPIC,
  type Script,
  type ScriptedCall,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";

const PROGRESS_TIMEOUT_MS = 150;
/** Where a read has to end by itself, or well. */
const PATIENT_MS = 20_000;
/** Of one read beyond its progress time-out, on a busy machine. */
const MARGIN_MS = 2_000;
const CONCURRENT_READS = 8;

const codes = Object.keys(ERROR_CODES)
  .map(Number)
  .filter((code) => code !== 0);
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(script: Script, progressTimeoutMs = PATIENT_MS) {
  const broker = await startScriptedBroker(scriptedLog, script);
  const options = { clientId: "tests", bootstrapServers: [broker.bootstrapServers] };
  const reader = createKafkaRangeReader({ ...options, progressTimeoutMs });
  const source = createKafkaOffsetSource(options);
  open.push(reader, source, broker);
  return { reader, source };
}

/** Runs the check for every code, a few at a time, and says which code failed it. */
async function forEveryCode(check: (code: number) => Promise<void>): Promise<void> {
  const left = [...codes];
  await Promise.all(
    Array.from({ length: CONCURRENT_READS }, async () => {
      for (let code = left.pop(); code !== undefined; code = left.pop()) {
        await check(code).catch((cause: unknown) => {
          const { name, reaction } = brokerError(code ?? 0);
          throw new Error(`${name} (${code}), which is ${reaction}: ${String(cause)}`, { cause });
        });
      }
    }),
  );
}

interface Step {
  readonly name: string;
  /** Answers with the error code at this step, the first `times` times, and leads the read there. */
  readonly script: (code: number, times: number) => Script;
  /** What ends the read at once here. */
  readonly final: readonly Reaction[];
  /** What a code that never passes ends with. @default RangeReadError */
  readonly insistent?: Partial<Record<Reaction, new (...args: never[]) => Error>>;
}

/** What a code that ends the read is thrown as. */
const finalErrors: Partial<Record<Reaction, new (...args: never[]) => Error>> = {
  refused: ConfigurationError,
  corrupt: CorruptRecordError,
  unexpected: ProtocolError,
};

const send = (call: ScriptedCall, body: Buffer) => ({ kind: "send", bytes: call.answer(body) }) as const;
const firstRecords = { records: scriptedLog.batches[0]?.bytes ?? Buffer.alloc(0) };

const steps: readonly Step[] = [
  {
    name: "Metadata, for the topic",
    script:
      (errorCode, times) =>
      (call, { port }) =>
        call.api === "metadata" && call.index < times ? send(call, metadataAnswer({ port, errorCode })) : undefined,
    final: ["refused", "unexpected"],
    // Several brokers in a row that never heard of the topic are believed.
    insistent: { unknownTopic: ConfigurationError },
  },
  {
    name: "Metadata, for the partition",
    script:
      (partitionErrorCode, times) =>
      (call, { port }) =>
        call.api === "metadata" && call.index < times
          ? send(call, metadataAnswer({ port, leaderId: -1, partitionErrorCode }))
          : undefined,
    // Whatever the reason is, there is no leader.
    final: [],
  },
  {
    name: "ListOffsets, for the log's end",
    script: (errorCode, times) => (call) => {
      if (call.api === "fetch" && call.index < times) {
        return send(call, fetchAnswer({ endOffset: 1n, ...firstRecords }));
      }
      return call.api === "listOffsets" && call.index < times
        ? send(call, listOffsetsAnswer({ errorCode, offset: -1n }))
        : undefined;
    },
    final: ["refused", "corrupt", "unexpected"],
  },
  {
    name: "ListOffsets, for an offset out of range",
    script: (errorCode, times) => (call) => {
      if (call.api === "fetch" && call.index < times) {
        return send(call, fetchAnswer({ errorCode: 1 }));
      }
      return call.api === "listOffsets" && call.index < 2 * times
        ? send(call, listOffsetsAnswer({ errorCode, offset: -1n }))
        : undefined;
    },
    final: ["refused", "corrupt", "unexpected"],
  },
  {
    name: "OffsetForLeaderEpoch",
    script: (errorCode, times) => (call) => {
      if (call.api === "fetch" && call.index < times) {
        return send(call, fetchAnswer({ errorCode: 1 }));
      }
      return call.api === "offsetForLeaderEpoch" && call.index < times
        ? send(call, offsetForLeaderEpochAnswer({ errorCode, leaderEpoch: -1, endOffset: -1n }))
        : undefined;
    },
    final: ["refused", "corrupt", "unexpected"],
  },
  {
    name: "Fetch",
    script: (errorCode, times) => (call) =>
      call.api === "fetch" && call.index < times ? send(call, fetchAnswer({ errorCode })) : undefined,
    final: ["refused", "corrupt", "unexpected"],
  },
];

const read = { ...wholeLog, previousLeaderEpoch: 0 };

describe.each(steps)("every error code at $name", ({ script, final, insistent = {} }) => {
  test("G1: once, passes and leaves the read exact, or ends it at once as the table says", async () => {
    await forEveryCode(async (code) => {
      const { name, reaction } = brokerError(code);
      const { reader } = await start(script(code, 1));
      if (!final.includes(reaction)) {
        expect((await collectRange(reader, read)).offsets).toEqual(everyOffset);
        return;
      }
      const { error, offsets } = await failRange(reader, read);
      expect(error).toBeInstanceOf(finalErrors[reaction] ?? RangeReadError);
      expect(error).toMatchObject({ message: expect.stringContaining(name) });
      expect(offsets).toEqual([]);
    });
  });

  test("PF3: for good, ends the read typed and in time", async () => {
    await forEveryCode(async (code) => {
      const { reaction } = brokerError(code);
      const { reader } = await start(
        script(code, Number.POSITIVE_INFINITY),
        reaction in insistent ? PATIENT_MS : PROGRESS_TIMEOUT_MS,
      );
      const startedAt = performance.now();
      const { error, offsets } = await failRange(reader, read);
      const isFinal = final.includes(reaction);
      expect(error).toBeInstanceOf((isFinal ? finalErrors[reaction] : insistent[reaction]) ?? RangeReadError);
      expect(offsets).toEqual([]);
      expect(performance.now() - startedAt).toBeLessThan(PROGRESS_TIMEOUT_MS + MARGIN_MS);
    });
  });
});

describe("every error code that an offset source is answered", () => {
  const partition = { topic: SCRIPTED_TOPIC, partition: 0 };

  test("at ListOffsets, once, passes or is the partition's own failure, as the table says", async () => {
    await forEveryCode(async (code) => {
      const { name, reaction } = brokerError(code);
      const { source } = await start((call) =>
        call.api === "listOffsets" && call.index === 0
          ? send(call, listOffsetsAnswer({ errorCode: code, offset: -1n }))
          : undefined,
      );
      const { partitions } = await source.describe({ assign: [partition] });
      const [listed] = await source.listOffsets(partitions, "latest", "read_committed");
      if (["refused", "corrupt", "unexpected"].includes(reaction)) {
        expect(listed).toMatchObject({ kind: "failed", error: { message: expect.stringContaining(name) } });
      } else {
        expect(listed).toMatchObject({ kind: "listed", offset: scriptedLog.endOffset });
      }
    });
  });

  test("at Metadata, is a missing topic, one that may not be described, or an error of its own, as the table says", async () => {
    await forEveryCode(async (code) => {
      const { name, reaction } = brokerError(code);
      const { source } = await start((call, { port }) =>
        call.api === "metadata" ? send(call, metadataAnswer({ port, errorCode: code })) : undefined,
      );
      const described = source.describe({ topics: [SCRIPTED_TOPIC] });
      if (reaction === "unknownTopic") {
        expect(await described).toMatchObject({ partitions: [], missing: [SCRIPTED_TOPIC] });
      } else if (name === "TOPIC_AUTHORIZATION_FAILED") {
        expect(await described).toMatchObject({ partitions: [], missing: [], forbidden: [{ topic: SCRIPTED_TOPIC }] });
      } else {
        await expect(described).rejects.toThrow(name);
      }
    });
  });
});
