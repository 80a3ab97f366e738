// A pipeline that reads its range record by record, and asks a gate for leave after each.

import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";

export const handler = createRangeProcessor({
  process: async (range) => {
    for await (const { offset } of range.records()) {
      await fetch(process.env["GATE_URL"] ?? "", { method: "POST", body: String(offset) });
    }
  },
});
