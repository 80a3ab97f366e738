import { listNames } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { SchedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import type { PipelineOutputs } from "../deploy/pipeline-outputs.ts";

/** What of a pipeline says what it reads. */
export interface Reading {
  readonly config: Pick<SchedulerEnvironment, "topics" | "assign">;
}

/** What of a pipeline says where its dead letters go. */
export interface LetterWriting {
  readonly running: { readonly outputs: Pick<PipelineOutputs, "DeadLetterTarget"> };
}

/** The topics that pipelines write their dead letters to. */
export function letterTopicsOf(pipelines: readonly LetterWriting[]): readonly string[] {
  return pipelines.flatMap(({ running: { outputs } }) => /^topic:(.+)$/.exec(outputs.DeadLetterTarget)?.[1] ?? []);
}

/** A partition of each topic that the pipeline names; none of a pattern's or a strategy's. */
export function partitionsOf({ config: { topics = [], assign = [] } }: Reading): readonly TopicPartition[] {
  return [...topics.map((topic) => ({ topic, partition: 0 })), ...assign];
}

/** The topics that pipelines name, with the partitions that each is created with: those that are assigned at least. */
export function topicsOf(pipelines: readonly Reading[], partitions: number): ReadonlyMap<string, number> {
  const topics = new Map<string, number>();
  for (const { topic, partition } of pipelines.flatMap(partitionsOf)) {
    topics.set(topic, Math.max(topics.get(topic) ?? partitions, partition + 1));
  }
  return topics;
}

/** Throws ConfigurationError where it is not plain which one is meant. */
export function produceTopicOf(pipelines: readonly Reading[], named: string | undefined): string {
  const topics = [...topicsOf(pipelines, 1).keys()];
  const [only] = topics;
  if (named !== undefined) {
    return named;
  }
  if (only === undefined || topics.length > 1) {
    const has = only === undefined ? "name none" : `read ${listNames(topics)}`;
    throw new ConfigurationError(`--produce needs a topic, and the pipelines ${has}: give --topic`);
  }
  return only;
}
