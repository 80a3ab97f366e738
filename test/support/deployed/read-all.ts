// A pipeline that reads its range and writes nothing.

import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";

export const handler = createRangeProcessor({
  process: async (range) => {
    for await (const batch of range.batches()) {
      void batch;
    }
  },
});
