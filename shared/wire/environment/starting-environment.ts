// Starting environment
//
// The part of the scheduler's environment that says where a pipeline starts.

import * as z from "zod/mini";
import { listNames } from "../../core/bounded-text.ts";
import type { OffsetChoice } from "../../core/choice/choose-offsets.ts";
import { namesBeyond, topicOfName } from "../../core/choice/named-partitions.ts";
import type { GroupNoMatch } from "../../core/choice/starting-group.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import { DECIMAL_PATTERN } from "../offsets/decimal.ts";
import {
  formatByPartition,
  formatSparkOffsets,
  parseSparkOffsets,
  parseSparkTimestamps,
} from "../offsets/spark-offsets.ts";
import { groupId } from "./group-id.ts";

const milliseconds = z.codec(
  z.string().check(z.regex(DECIMAL_PATTERN, "expected a whole number")),
  z.bigint().check(z.gte(0n), z.lte(MAX_OFFSET)),
  {
    decode: (value) => BigInt(value),
    encode: (value) => value.toString(),
  },
);

/** A text that `parse` reads; what it refuses it with is the problem. */
const parsed = <Value>(
  value: z.ZodMiniType<Value, Value>,
  { parse, format }: { readonly parse: (text: string) => Value; readonly format: (value: Value) => string },
) =>
  z.codec(z.string(), value, {
    decode: (text, context) => {
      try {
        return parse(text);
      } catch (error) {
        if (error instanceof ConfigurationError) {
          context.issues.push({ code: "custom", message: error.message, input: text });
          return z.NEVER;
        }
        throw error;
      }
    },
    encode: format,
  });

const byPartition = z.readonly(z.map(z.string(), z.bigint()));
const offsetsRule = "expected earliest, latest or offsets by partition";

const sparkOffsets = parsed<OffsetChoice>(z.union([z.enum(["earliest", "latest"]), byPartition], offsetsRule), {
  parse: (value) => parseSparkOffsets("startingOffsets", value),
  format: formatSparkOffsets,
});

const sparkTimestamps = parsed<ReadonlyMap<string, bigint>>(byPartition, {
  parse: (value) => parseSparkTimestamps("startingOffsetsByTimestamp", value),
  format: formatByPartition,
});

export const starting = {
  startingOffsets: sparkOffsets,
  startingTimestamp: z.exactOptional(milliseconds),
  startingOffsetsByTimestamp: z.exactOptional(sparkTimestamps),
  startingOffsetsFromGroup: z.exactOptional(groupId),
  onNoMatch: z.exactOptional(z.enum(["error", "latest", "earliest"])),
} as const;

interface StartingValues {
  readonly topics?: readonly string[];
  readonly assign?: readonly TopicPartition[];
  readonly startingOffsets: OffsetChoice;
  readonly startingTimestamp?: bigint;
  readonly startingOffsetsByTimestamp?: ReadonlyMap<string, bigint>;
  readonly startingOffsetsFromGroup?: string;
  readonly onNoMatch?: GroupNoMatch;
}

interface StartingProblem {
  readonly path: "startingOffsets" | "startingOffsetsByTimestamp" | "onNoMatch";
  readonly message: string;
}

/** What single values cannot say: starts, of those that count, outside of what the pipeline reads. */
export function startingProblems(values: StartingValues): readonly StartingProblem[] {
  const { startingOffsets, startingTimestamp, startingOffsetsByTimestamp, startingOffsetsFromGroup } = values;
  const isByTime = startingTimestamp !== undefined || startingOffsetsByTimestamp !== undefined;
  if (values.onNoMatch === "earliest" && (isByTime || startingOffsetsFromGroup === undefined)) {
    return [
      {
        path: "onNoMatch",
        message: "earliest is of a start from a consumer group; by timestamps choose error or latest",
      },
    ];
  }
  if (startingTimestamp !== undefined || (startingOffsetsFromGroup !== undefined && !isByTime)) {
    return [];
  }
  const path = startingOffsetsByTimestamp === undefined ? "startingOffsets" : "startingOffsetsByTimestamp";
  const choice = startingOffsetsByTimestamp ?? startingOffsets;
  const others = typeof choice === "string" ? [] : notSelected(values, choice);
  return others.length === 0
    ? []
    : [{ path, message: `it names ${listNames(others)}, which the pipeline does not read` }];
}

/** Of a pattern and of a strategy it is known only when they are asked. */
function notSelected({ topics, assign }: StartingValues, choice: ReadonlyMap<string, bigint>): readonly string[] {
  if (assign !== undefined) {
    return namesBeyond(choice, assign);
  }
  return topics === undefined ? [] : [...choice.keys()].filter((name) => !topics.includes(topicOfName(name)));
}
