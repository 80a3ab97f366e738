import * as z from "zod/mini";
import { TOPIC_PATTERN_RULE, topicPatternProblem } from "../../core/pattern/topic-pattern.ts";

/** What CDK fills in when it deploys: no pattern of Java's looks like it, and the function judges what it gets. */
const PLACEHOLDER = "${Token[";

/** A pattern as core takes it, so that it is refused where it is given. */
export const wireTopicPattern = z.string(`expected ${TOPIC_PATTERN_RULE}, in a string`).check(
  z.superRefine((pattern, context) => {
    const problem = pattern.includes(PLACEHOLDER) ? undefined : topicPatternProblem(pattern);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: `expected ${TOPIC_PATTERN_RULE}: ${problem}` });
    }
  }),
);
