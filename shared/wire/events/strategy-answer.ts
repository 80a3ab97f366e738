// Strategy answer
//
// What a pipeline's own strategy answers, held to the rules of the configuration
// that it takes the place of.

import * as z from "zod/mini";
import { ConfigurationError } from "../../core/errors.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { SourceSelection } from "../../core/source/offset-source.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { type ByPartition, readOffsets } from "../offsets/spark-offsets.ts";
import { wirePartition, wireTopic } from "../offsets/wire-offset.ts";
import { wireTopicPattern } from "../offsets/wire-topic-pattern.ts";

/** What a strategy selects. */
export interface StrategyAnswer {
  /** What the run reads. */
  readonly selection: SourceSelection;
  /** Where chains begin that do not exist yet, -2 for earliest and -1 for latest; others begin where the pipeline is told to. */
  readonly startingOffsets?: ByPartition;
}

export interface DecodedAnswer {
  readonly selection: SourceSelection;
  /** By partition as `formatTopicPartition` spells it. */
  readonly startingOffsets: ReadonlyMap<string, bigint>;
}

const topics = "expected at least one topic";
const assign = "expected at least one partition, {topic, partition}";
const one = "expected exactly one of topics, topicPattern and assign";

const selection = z
  .strictObject(
    {
      topics: z.exactOptional(z.array(wireTopic, topics).check(z.minLength(1, topics))),
      topicPattern: z.exactOptional(wireTopicPattern),
      assign: z.exactOptional(
        // Not strict: a strategy may pass on what it was given.
        z.array(z.object({ topic: wireTopic, partition: wirePartition }), assign).check(z.minLength(1, assign)),
      ),
    },
    shape(one),
  )
  .check(z.refine((chosen) => Object.keys(chosen).length === 1, one));

const answer = z.strictObject(
  {
    selection,
    startingOffsets: z.exactOptional(z.custom<ByPartition>(isObject, "expected offsets by topic and partition")),
  },
  shape("expected {selection}, and startingOffsets where it has any"),
);

/** Throws ConfigurationError that names every wrong field. */
export function decodeStrategyAnswer(value: unknown): DecodedAnswer {
  const result = answer.safeParse(value, worded);
  if (!result.success) {
    throw new ConfigurationError(`the strategy's answer is wrong: ${listProblems(result.error, value)}`);
  }
  const { selection: selected, startingOffsets } = result.data;
  return {
    selection: selectionOf(selected),
    startingOffsets:
      startingOffsets === undefined ? new Map() : readOffsets("the strategy's startingOffsets", startingOffsets),
  };
}

function selectionOf(selected: z.output<typeof selection>): SourceSelection {
  if (selected.topics !== undefined) {
    return { topics: selected.topics };
  }
  const partitions: readonly TopicPartition[] = selected.assign ?? [];
  return selected.topicPattern === undefined ? { assign: partitions } : { topicPattern: selected.topicPattern };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object should have been; its unknown fields are reported by themselves. */
function shape(expected: string) {
  return {
    error: ({ code }: { readonly code: string }) => (code === "invalid_type" ? expected : undefined),
  };
}
