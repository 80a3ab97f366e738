import { z } from "zod";
import { topicPatternProblem } from "../core/topic-pattern.ts";

/** A pattern as core takes it, so that it is refused where it is given. */
export const wireTopicPattern = z
  .string("expected a regular expression as Java has them, in a string")
  .superRefine((pattern, context) => {
    const problem = topicPatternProblem(pattern);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: problem });
    }
  });
