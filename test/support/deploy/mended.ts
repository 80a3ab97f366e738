// The same code without its bug.

import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import { putOnce } from "./put-once.ts";

export const handler = createRangeProcessor({
  variables: ["OUTPUTS_TABLE"],
  process: (range) => range.writeEach(({ offset }) => putOnce(range, offset, "second")),
});
