// Topic pattern
//
// A regular expression that a whole topic name must match, in Java's dialect as
// Spark's subscribePattern takes it: java.util.regex.Pattern of Java 17. JavaScript's
// own expressions would take other names for the same text, or the same names by chance.
//
//   TP1  A pattern means what it means in Java, or is refused with the construct's name.
//   TP2  It is judged by itself: none gets around the rule that the whole name must match.

import { quote } from "../bounded-text.ts";
import { ConfigurationError } from "../errors.ts";
import { matchesPattern } from "./match-pattern.ts";
import { parsePattern } from "./parse-pattern.ts";
import type { PatternNode } from "./pattern-node.ts";

/** More than an environment holds: a list of some thousand topics, which is parsed within a tenth of a second. */
const MAX_PATTERN_LENGTH = 50_000;

export const TOPIC_PATTERN_RULE = "a regular expression as Java has them";

/** Whether a topic's whole name matches. */
export type TopicPattern = (topic: string) => boolean;

/** Throws ConfigurationError, which quotes the pattern and names the place. */
export function compileTopicPattern(pattern: string): TopicPattern {
  const parsed = parseOrSay(pattern);
  if (typeof parsed === "string") {
    throw new ConfigurationError(`topicPattern ${quote(pattern)} is not ${TOPIC_PATTERN_RULE}: ${parsed}`);
  }
  return (topic) => matchesPattern(parsed, topic);
}

/** What is wrong in a pattern, and where; undefined for one that can be used. */
export function topicPatternProblem(pattern: string): string | undefined {
  const parsed = parseOrSay(pattern);
  return typeof parsed === "string" ? parsed : undefined;
}

function parseOrSay(pattern: string): PatternNode | string {
  try {
    if (pattern.trim() === "") {
      throw new ConfigurationError("it is empty");
    }
    if (pattern.length > MAX_PATTERN_LENGTH) {
      throw new ConfigurationError(`it has ${pattern.length} characters, more than ${MAX_PATTERN_LENGTH}`);
    }
    return parsePattern(pattern);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.message;
    }
    throw error;
  }
}
