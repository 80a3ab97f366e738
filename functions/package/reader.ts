// The exact reader by itself: `kafka-offset-ranges/reader`. No AWS in it.

export {
  BatchProcessorError,
  BeyondEndError,
  ConfigurationError,
  CorruptRecordError,
  DataLossError,
  DeadlineError,
  ProtocolError,
  RangeReadError,
} from "../../shared/core/errors.ts";
export type { OffsetRange } from "../../shared/core/range/offset-range.ts";
export type { TopicPartition } from "../../shared/core/range/topic-partition.ts";
export type {
  Broker,
  ForbiddenTopic,
  IsolationLevel,
  ListedOffset,
  ListedTransactions,
  OffsetSource,
  OffsetSpec,
  OpenTransaction,
  PartitionLeader,
  PartitionMetadata,
  SourceMetadata,
  SourceSelection,
} from "../../shared/core/source/offset-source.ts";
export { listedOffset } from "../../shared/core/source/offset-source.ts";
export type {
  KafkaRecord,
  RangeRead,
  RangeReader,
  ReadRequest,
  RecordBatch,
  RecordHeader,
  TimestampType,
} from "../../shared/core/source/range-reader.ts";
export { type RecordFields, recordFields } from "../../shared/core/source/record-fields.ts";
export type { CredentialsSource, KafkaOptions } from "../../shared/kafka/connection/kafka-options.ts";
export { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
export { createKafkaRangeReader, type KafkaReaderOptions } from "../../shared/kafka/read/range-reader.ts";
