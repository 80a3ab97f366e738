import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader, type KafkaReaderOptions } from "../../../shared/kafka/read/range-reader.ts";
import { fetchAnswer, type Script, type ScriptedBroker, startScriptedBroker } from "./scripted-broker.ts";
import { scriptedLog } from "./scripted-log.ts";

export const REQUEST_TIMEOUT_MS = 400;
export const PROGRESS_TIMEOUT_MS = 800;

export interface ScriptedReaders {
  readonly start: (
    script?: Script,
    options?: Partial<KafkaReaderOptions>,
  ) => Promise<{ readonly broker: ScriptedBroker; readonly reader: RangeReader }>;
  /** Ends all that were started. */
  readonly closeAll: () => Promise<void>;
}

/** Readers with short time-outs, each with a scripted broker of its own. */
export function scriptedReaders(): ScriptedReaders {
  const open: { close(): Promise<void> }[] = [];
  return {
    start: async (script, options = {}) => {
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
    },
    closeAll: async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    },
  };
}

export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Sends these fetch answers first, each once, at the second fetch. */
export function atSecondFetch(answer: Parameters<typeof fetchAnswer>[0]): Script {
  return (call) =>
    call.api === "fetch" && call.index === 1 ? { kind: "send", bytes: call.answer(fetchAnswer(answer)) } : undefined;
}
