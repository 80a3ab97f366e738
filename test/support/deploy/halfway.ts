// Code with a bug: it gives up in the midst of each range, behind a commit.

import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import { putOnce } from "./put-once.ts";

export const handler = createRangeProcessor({
  variables: ["OUTPUTS_TABLE"],
  async process(range) {
    const middle = (range.fromOffset + range.untilOffset) / 2n;
    for await (const { offset } of range.records()) {
      if (offset >= middle) {
        throw new RangeError(`the first release stops at ${offset}`);
      }
      await range.commit(offset + 1n, [putOnce(range, offset, "first")]);
    }
  },
});
