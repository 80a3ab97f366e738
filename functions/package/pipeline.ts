// What a pipeline's own files import: `kafka-offset-ranges`.

export { SchemaRegistryError, UndecodableError, UnusableSchemaError } from "../../shared/core/decode/decode-errors.ts";
export type { Deserializer, RecordPart } from "../../shared/core/decode/deserializer.ts";
export {
  BatchProcessorError,
  ConfigurationError,
  DataLossError,
  DeadlineError,
  InvalidOutputError,
  MisuseError,
  OutputLimitError,
  OutputRefusedError,
  OutputUnavailableError,
  RangeReadError,
  RepeatedItemError,
  SupersededError,
} from "../../shared/core/errors.ts";
export { BatchItemFailureError } from "../../shared/core/failure/batch-item-failure.ts";
export { MAX_OUTPUTS_PER_COMMIT } from "../../shared/core/limits.ts";
export type {
  OpenOutput,
  OutputCommit,
  OutputPosition,
  OutputRange,
  PositionedOutput,
  PreparedOutput,
  RangeOutput,
} from "../../shared/core/output/range-output.ts";
export type { OffsetRange } from "../../shared/core/range/offset-range.ts";
export type { TopicPartition } from "../../shared/core/range/topic-partition.ts";
export type { PartitionLeader, PartitionMetadata, SourceSelection } from "../../shared/core/source/offset-source.ts";
export type { KafkaRecord, RecordBatch, RecordHeader, TimestampType } from "../../shared/core/source/range-reader.ts";
export { type RecordFields, recordFields } from "../../shared/core/source/record-fields.ts";
export {
  del,
  type ItemChanges,
  type OutputCondition,
  put,
  update,
} from "../../shared/dynamodb/outputs/plain-outputs.ts";
export type { StrategyAnswer } from "../../shared/wire/events/strategy-answer.ts";
export type { EventSourceMapping } from "../event-source/event-source-mapping.ts";
export type { FilterCriteria } from "../event-source/filter/filter-criteria.ts";
export {
  type EventRange,
  type EventSourceCode,
  type EventSourceHandler,
  fromEventSourceHandler,
  type RecordsByPartition,
  rangeOf,
} from "../event-source/from-event-source-handler.ts";
export { requireVariable } from "../lambda-config.ts";
export type { InvocationContext } from "../lambda-handler.ts";
export {
  createRangeProcessor,
  type OutputRangeProcessor,
  type OutputRangeProcessorOptions,
  type RangeProcessor,
  type RangeProcessorOptions,
} from "../processor/create-range-processor.ts";
export type {
  DecodedRange,
  DecodedRecord,
  ForEachRules,
  HowToDecode,
  OutputsOfDecoded,
  OutputsOfRecord,
  ProcessFunction,
  ProcessingRange,
} from "../processor/session/processing-range.ts";
export { createScheduler, type SchedulerOptions } from "../scheduler/create-scheduler.ts";
export type { SourceStrategy, StrategyQuestion } from "../scheduler/deps/scheduler-deps.ts";
