// Tests of a pipeline's own code: `kafka-offset-ranges/testing`. No AWS is asked, and no Kafka.

export type { RecordFields } from "../../shared/core/source/record-fields.ts";
export { type RecordInput, recordsOf, type TestRecord } from "../testing/records-of.ts";
export type { TestCommit } from "../testing/run-once.ts";
export type { RunRangeOptions } from "../testing/run-options.ts";
export {
  type CodeUnderTest,
  type OutputCodeUnderTest,
  type RejectedRecord,
  type RunRangeResult,
  runRange,
} from "../testing/run-range.ts";
export type { TestTable } from "../testing/tables/test-tables.ts";
export { createTestClock, type TestClock } from "../testing/test-clock.ts";
