import * as z from "zod";

/** What the groups' names begin with that keep the positions of outputs to Kafka: nobody else writes there. */
const OUTPUT_GROUPS = "kafka-offset-ranges.";

/** As long as a topic's name may be, and far below what a request takes. */
const MAX_GROUP_ID_LENGTH = 249;

/** The id of a consumer group that may be told offsets. */
export const groupId = z
  .string()
  .min(1, "expected a consumer group's id")
  .max(MAX_GROUP_ID_LENGTH, `expected at most ${MAX_GROUP_ID_LENGTH} characters`)
  .refine((id) => !id.startsWith(OUTPUT_GROUPS), {
    error: `expected a name that does not begin with ${OUTPUT_GROUPS}, as those of outputs to Kafka do`,
  });
