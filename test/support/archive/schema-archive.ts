// One invocation for a range of a real topic, whose records are decoded by a real registry and archived to a real S3, with
// the ledger in DynamoDB.

import { randomUUID } from "node:crypto";
import { confluentRegistry } from "../../../functions/deserializers/confluent-registry.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { avroColumns } from "../../../shared/archive/avro/avro-columns.ts";
import { avroFile } from "../../../shared/archive/avro/avro-file.ts";
import { avroLine } from "../../../shared/archive/avro/avro-line.ts";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { jsonSchemaColumns } from "../../../shared/archive/json-schema/json-schema-columns.ts";
import { jsonSchemaLine } from "../../../shared/archive/json-schema/json-schema-line.ts";
import { jsonLines } from "../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../shared/archive/parquet/parquet-format.ts";
import { protobufColumns } from "../../../shared/archive/protobuf/protobuf-columns.ts";
import { protobufLine } from "../../../shared/archive/protobuf/protobuf-line.ts";
import { createArchive } from "../../../shared/archive/s3-archive.ts";
import { withoutOutputs } from "../../../shared/core/ledger/without-outputs.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { recordFields } from "../../../shared/core/source/record-fields.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { avroPayload } from "../../../shared/schemas/avro/avro-payload.ts";
import { jsonSchemaPayload } from "../../../shared/schemas/json-schema/json-schema-payload.ts";
import { protobufPayload } from "../../../shared/schemas/protobuf/protobuf-payload.ts";
import type { SchemaRegistry } from "../../../shared/schemas/schema-registry.ts";
import { localAccess } from "../aws-access.ts";
import { processorRules } from "../builders/builders.ts";
import { openSignedLedger } from "../ledger/ledger-table.ts";

export interface SchemaArchiveRun {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly ledgerTable: string;
  readonly registryUrl: string;
  readonly s3Endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly chain: ChainKey;
  readonly schemas: SchemaKind;
  readonly format: keyof typeof FORMATS;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type SchemaKind = "avro" | "jsonSchema" | "protobuf";

const envelope = ["topic", "partition", "offset", "key"] as const;

const FORMATS = {
  avroFile: () => avroFile(),
  lines: (kind: SchemaKind) => jsonLines({ line: LINES[kind], envelope }),
  parquet: (kind: SchemaKind) => parquet({ columns: COLUMNS[kind](), envelope }),
} satisfies Readonly<Record<string, (kind: SchemaKind) => ArchiveFormat>>;

const LINES = { avro: avroLine, jsonSchema: jsonSchemaLine, protobuf: protobufLine };
const COLUMNS = { avro: avroColumns, jsonSchema: jsonSchemaColumns, protobuf: protobufColumns };

/** As pipelines have it that archive by a schema. */
const PROCESSES: Readonly<
  Record<SchemaKind, (registry: SchemaRegistry) => (range: ProcessingRange<ArchiveRecord>) => Promise<void>>
> = {
  avro: (registry) => (range) =>
    range
      .decoded({ value: avroPayload({ registry }) })
      .writeEach(({ source, value }) => (value === null ? [] : { ...recordFields(source), avro: value })),
  jsonSchema: (registry) => (range) =>
    range
      .decoded({ value: jsonSchemaPayload({ registry }) })
      .writeEach(({ source, value }) => (value === null ? [] : { ...recordFields(source), jsonSchema: value })),
  protobuf: (registry) => (range) =>
    range
      .decoded({ value: protobufPayload({ registry }) })
      .writeEach(({ source, value }) => (value === null ? [] : { ...recordFields(source), protobuf: value })),
};

export async function archiveOnce(run: SchemaArchiveRun): Promise<void> {
  const { bootstrapServers, chain, bucket, prefix, now } = run;
  const dynamodb = openSignedLedger(run.dynamodbEndpoint);
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const ledger = createRangeLedger(dynamodb, { tableName: run.ledgerTable, newId: randomUUID });
  const output = createArchive({ bucket, prefix, format: FORMATS[run.format](run.schemas) }, () =>
    localAccess(run.s3Endpoint),
  );
  const record = await ledger.newestRange(chain);
  if (record === undefined) {
    throw new Error("no range is planned");
  }
  const never = new AbortController().signal;
  await processAttempts(
    {
      ledger: withoutOutputs<ArchiveRecord>(ledger),
      reader,
      output,
      process: PROCESSES[run.schemas](confluentRegistry({ url: run.registryUrl })),
      context: { awsRequestId: "archive", getRemainingTimeInMillis: () => 60_000 },
      now: () => now,
      random: () => 0.5,
    },
    processorRules({ onFailure: "halt", maxAttempts: 1 }),
    { record },
    { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
  );
  await reader.close();
  dynamodb.close();
}
