import { describe, expect, test } from "vitest";
import type { EventSourceMapping } from "../../../../functions/event-source/event-source-mapping.ts";
import { fromEventSourceHandler } from "../../../../functions/event-source/from-event-source-handler.ts";
import type { KafkaEvent } from "../../../../functions/event-source/kafka-event.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";

const REPORTS: EventSourceMapping = { FunctionResponseTypes: ["ReportBatchItemFailures"] };

/** A range of six records in two events, each answered by its first offset. */
function runAnswering(answerOf: (first: number) => unknown, mapping: EventSourceMapping) {
  const handler = async ({ records }: KafkaEvent) => answerOf(records["orders-0"]?.[0]?.offset ?? -1);
  return runRange(fromEventSourceHandler(handler, { ...mapping, BatchSize: 3 }), {
    records: recordsOf(["a", "b", "c", "d", "e", "f"]),
  });
}

describe("IT3: an answer that loses what it reports", () => {
  const failures = [{ itemIdentifier: { partition: "orders-0", offset: 2 } }];

  test.each([
    ["a text", "ok", '"ok"; with ReportBatchItemFailures expected { batchItemFailures: […] }'],
    ["a number", 5, "5"],
    ["true", true, "true"],
    ["a list", [], "[]"],
    ["the failures alone", failures, "batchItemFailures"],
    ["a capital", { BatchItemFailures: failures }, "BatchItemFailures"],
    ["a singular", { batchItemFailure: [] }, "batchItemFailure"],
    ["underscores", { batch_item_failures: failures }, "batch_item_failures"],
    ["exchanged characters", { batchItemFialures: failures }, "batchItemFialures"],
    ["another name", { failures }, "failures"],
    ["another name, with identifiers that are misspelt too", { failed: [{ ItemIdentifier: "a" }] }, "failed"],
  ])("is refused, and no record is given up: %s", async (_, answer, named) => {
    const result = await runAnswering((first) => (first === 0 ? { batchItemFailures: [] } : answer), REPORTS);

    expect(result).toMatchObject({ status: "halted", committedOffset: 3n, error: { name: "MisuseError" } });
    expect(result.error?.message).toContain(named);
  });

  test("counts as a success where the mapping does not ask for failures", async () => {
    expect((await runAnswering(() => "ok", {})).status).toBe("completed");
  });
});
