import { listNames, quote, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { TOPIC_PATTERN_RULE, topicPatternProblem } from "../../../shared/core/pattern/topic-pattern.ts";
import { isTopicName, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { SourceSelection } from "../../../shared/core/source/offset-source.ts";
import { parseTopicPartitionArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { readAssign } from "../../../shared/wire/offsets/spark-assign.ts";
import { splitList } from "./option-values.ts";
import type { SourceArguments } from "./options.ts";

/** Throws ConfigurationError unless exactly one way to choose topics is given, and not empty. */
export function selectionOf({ topics, topicPattern, assign }: SourceArguments): SourceSelection {
  if ([topics, topicPattern, assign].filter((value) => value !== undefined).length !== 1) {
    throw new ConfigurationError("give exactly one of --topics, --topic-pattern and --assign");
  }
  if (topicPattern !== undefined) {
    return { topicPattern: requirePattern(topicPattern) };
  }
  return topics === undefined ? { assign: parseAssignOption(assign ?? "") } : { topics: parseTopics(topics) };
}

/** `a:0,a:1`, or Spark's JSON. Throws ConfigurationError that names the wrong part. */
export function parseAssignOption(text: string): readonly TopicPartition[] {
  return /^\s*[{[]/.test(text)
    ? readAssign("--assign", text)
    : splitList("--assign", text).map((one) => parseTopicPartitionArgument("--assign", one));
}

function parseTopics(text: string): readonly string[] {
  const topics = splitList("--topics", text);
  const illegal = topics.filter((topic) => !isTopicName(topic));
  if (illegal.length > 0) {
    throw new ConfigurationError(
      `--topics has ${listNames(illegal.map((topic) => quote(topic)))}: expected legal Kafka topic names, up to 249 letters, digits, dots, hyphens or underscores each`,
    );
  }
  return topics;
}

function requirePattern(pattern: string): string {
  if (pattern.trim() === "") {
    throw new ConfigurationError(
      `--topic-pattern ${quote(pattern)} is empty; give ${TOPIC_PATTERN_RULE}, as orders-.*`,
    );
  }
  const problem = topicPatternProblem(pattern);
  if (problem !== undefined) {
    throw new ConfigurationError(`--topic-pattern ${quoteName(pattern)} is not ${TOPIC_PATTERN_RULE}: ${problem}`);
  }
  return pattern;
}
