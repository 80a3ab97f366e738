import * as z from "zod/mini";
import { groupIdProblem } from "../../core/source/group-id.ts";

/** What the groups' names begin with that keep the positions of outputs to Kafka: nobody else writes there. */
const OUTPUT_GROUPS = "kafka-offset-ranges.";

/** The id of a consumer group that is read. */
export const groupId = z.string().check(
  z.refine((id) => groupIdProblem(id) === undefined, {
    error: ({ input }) => `expected a consumer group's id: ${groupIdProblem(String(input))}`,
  }),
);

/** The id of a consumer group that may be told offsets. */
export const toldGroupId = groupId.check(
  z.refine((id) => !id.startsWith(OUTPUT_GROUPS), {
    error: `expected a name that does not begin with ${OUTPUT_GROUPS}, as those of outputs to Kafka do`,
  }),
);
