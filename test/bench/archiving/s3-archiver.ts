import { randomUUID } from "node:crypto";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { decodeReceipt } from "../../../shared/archive/archive-memo.ts";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { jsonLines } from "../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../shared/archive/parquet/parquet-format.ts";
import { createArchive } from "../../../shared/archive/s3-archive.ts";
import { newRange } from "../../../shared/core/range/new-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { createInMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";
import { localAccess } from "../../support/aws-access.ts";
import { processorRules } from "../../support/builders/builders.ts";
import type { ArchiveFormatName, ArchiveTask, OpenArchiver } from "./archiving.ts";
import { ORDER_COLUMNS } from "./order-columns.ts";

/** What a pipeline says of its archive. */
interface ArchivePipeline {
  readonly format: ArchiveFormat;
  readonly process: ProcessFunction<ArchiveRecord>;
}

const pipelines: Readonly<Record<ArchiveFormatName, () => ArchivePipeline | Promise<ArchivePipeline>>> = {
  "lines-gzip": () => ofRecords(jsonLines()),
  "lines-zstd": () => ofRecords(jsonLines({ compression: "zstd" })),
  "lines-none": () => ofRecords(jsonLines({ compression: "none" })),
  "parquet-snappy": () => ofRecords(parquet()),
  "parquet-zstd": () => ofRecords(parquet({ compression: "zstd" })),
  "parquet-declared-snappy": () => ofRecords(parquet({ columns: ORDER_COLUMNS })),
  // What it takes of memory is none of the others'.
  "parquet-avro-snappy": async () => (await import("./avro-pipeline.ts")).avroPipeline(),
};

function ofRecords(format: ArchiveFormat): ArchivePipeline {
  return { format, process: (range) => range.writeAll() };
}

/** As Lambda allows at most. */
const INVOCATION_MS = 900_000;

/** The archive of this project, by its own processor; only the ledger is in memory. */
export const openS3Archiver: OpenArchiver = ({ bootstrapServers, endpoint }) => {
  const reader = createKafkaRangeReader({ clientId: "bench", bootstrapServers: bootstrapServers.split(",") });
  return async (task) => {
    const { format, process } = await pipelines[task.format]();
    const layout = "{topic}/{partition}/{from}-{last}";
    const ledger = createInMemoryRangeLedger<ArchiveRecord>();
    const record = rangeOf(task);
    ledger.put(record);
    const never = new AbortController().signal;
    const [outcome] = await processAttempts(
      {
        ...{ ledger, reader, process, now: Date.now, random: Math.random },
        output: createArchive({ bucket: "bench", layout, format }, () => localAccess(endpoint)),
      },
      processorRules({ isolationLevel: task.isolationLevel, maxAttempts: 1 }),
      { record, leader: task.leader },
      { owner: randomUUID(), remainingMs: INVOCATION_MS, deadline: never, lastCall: never },
    );
    if (outcome?.kind !== "completed") {
      throw new Error(`the range was not completed: ${outcome?.kind}`, { cause: outcome });
    }
    const objects = (outcome.record.receipts ?? []).flatMap((receipt) => decodeReceipt(receipt).objects);
    return {
      records: objects.reduce((sum, { records }) => sum + records, 0),
      bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  };
};

function rangeOf({ topic, topicId, fromOffset, untilOffset }: ArchiveTask): RangeRecord {
  return newRange({
    chain: { pipeline: "bench", topicId, partition: 0 },
    ...{ topic, fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset) },
    ...{ batchId: "bench", writeId: "bench", now: Date.now() },
  });
}
