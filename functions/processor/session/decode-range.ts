// Decode range
//
// A range whose records are decoded before the pipeline's code gets them.
//
//   DCR1  A record that cannot be decoded costs no other record its place: it rejects itself, or the attempt
//        fails at it.
//   DCR2  What is of the surroundings, a registry that is down first of all, fails the attempt and rejects nothing. So
//         does a schema that nothing can be made of, unless it is asked that its records are rejected.
//   DCR3  One record at a time: nothing is decoded that the code has not asked for.

import { joinProblems } from "../../../shared/core/bounded-text.ts";
import { UndecodableError, UnusableSchemaError } from "../../../shared/core/decode/decode-errors.ts";
import type { Deserializer } from "../../../shared/core/decode/deserializer.ts";
import { MisuseError } from "../../../shared/core/errors.ts";
import { blameOf } from "../../../shared/core/failure/blame-error.ts";
import { isThenable } from "../../../shared/core/is-thenable.ts";
import { anObjectWith, type OptionRules, oneOf, optionProblems } from "../../../shared/core/options/require-options.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type {
  DecodedRange,
  DecodedRecord,
  HowToDecode,
  OutputsOfDecoded,
  OutputsOfRecord,
  ProcessingRange,
} from "./processing-range.ts";

type Undecoded<Output> = Omit<ProcessingRange<Output>, "decoded">;

/** Throws MisuseError where it is not told how. */
export function decodeRange<Output, K, V>(
  range: Undecoded<Output>,
  how: HowToDecode<K, V>,
): DecodedRange<Output, K, V> {
  requireHow(formatOffsetRange(range), how);
  const decode = (record: KafkaRecord) => decodeRecord(range, how, record);
  const outputsOfDecoded = (outputsOf: OutputsOfDecoded<Output, K, V>): OutputsOfRecord<Output> => {
    if (typeof outputsOf !== "function") {
      return outputsOf; // The range refuses it, before it reads.
    }
    return async (record) => {
      const decoded = await decode(record);
      return decoded === undefined ? undefined : outputsOf(decoded);
    };
  };
  return {
    async *records() {
      for await (const record of range.records()) {
        const decoded = await decode(record);
        if (decoded !== undefined) {
          yield decoded;
        }
      }
    },
    writeEach: (outputsOf) => range.writeEach(outputsOfDecoded(outputsOf)),
    forEach: (rules, outputsOf) => range.forEach(rules, outputsOfDecoded(outputsOf)),
    reject: ({ source }, reason) => range.reject(source, reason),
  };
}

/** Undefined for a record that was rejected. */
async function decodeRecord<Output, K, V>(
  range: Undecoded<Output>,
  how: HowToDecode<K, V>,
  source: KafkaRecord,
): Promise<DecodedRecord<K, V> | undefined> {
  const { key, value } = how;
  try {
    const parts = {
      // Without a deserializer it is the bytes, as the types say.
      key: key === undefined ? (source.key as K | null) : await decodePart(range, key, source, "key"),
      value: value === undefined ? (source.value as V | null) : await decodePart(range, value, source, "value"),
    };
    const { offset, timestamp, timestampType, headers } = source;
    return { offset, timestamp, timestampType, headers, ...parts, source };
  } catch (error) {
    if (!isRejection(error, how)) {
      throw error;
    }
    await range.reject(source, error.message);
    return undefined;
  }
}

function isRejection(
  error: unknown,
  { onUndecodable = "reject", onUnusableSchema = "fail" }: HowToDecode<unknown, unknown>,
): error is UndecodablePart | UnusableSchemaError {
  return (
    (error instanceof UndecodablePart && onUndecodable === "reject") ||
    (error instanceof UnusableSchemaError && onUnusableSchema === "reject")
  );
}

async function decodePart<T>(
  range: Undecoded<unknown>,
  deserializer: Deserializer<T>,
  record: KafkaRecord,
  part: "key" | "value",
): Promise<T | null> {
  const bytes = record[part];
  if (bytes === null) {
    return null;
  }
  const { topic, partition, signal } = range;
  const { offset, headers } = record;
  try {
    const decoded = deserializer.deserialize(bytes, { topic, partition, offset, part, headers });
    return isThenable(decoded) ? await unlessAborted(decoded, signal) : decoded;
  } catch (cause) {
    if (signal.aborted || blameOf(cause) !== "records") {
      throw cause;
    }
    throw new UndecodablePart(
      `the ${part} at offset ${offset} cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

class UndecodablePart extends UndecodableError {}

/** A registry may take its time: the range is handed back before the invocation ends. */
async function unlessAborted<T>(pending: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) {
    abort();
  }
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

const DESERIALIZER = anObjectWith(
  ["deserialize"] satisfies readonly (keyof Deserializer<unknown>)[],
  "a deserializer, as string(), json() or avro({ registry }) makes it",
);
const WHAT_TO_DO = oneOf("reject", "fail");
const RULES: OptionRules<HowToDecode<unknown, unknown>> = {
  key: DESERIALIZER,
  value: DESERIALIZER,
  onUndecodable: WHAT_TO_DO,
  onUnusableSchema: WHAT_TO_DO,
};

/** Code without types passes anything. */
function requireHow(where: string, how: unknown): void {
  const problems = optionProblems(how, RULES);
  if (problems.length > 0) {
    throw new MisuseError(`decoded of ${where}: ${joinProblems(problems)}`);
  }
}
