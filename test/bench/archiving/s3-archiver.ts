import { decodeReceipt } from "../../../shared/archive/archive-memo.ts";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import { jsonLines } from "../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../shared/archive/parquet/parquet-format.ts";
import { createArchive } from "../../../shared/archive/s3-archive.ts";
import type { OutputRange } from "../../../shared/core/output/range-output.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { localAccess } from "../../support/aws-access.ts";
import type { ArchiveFormatName, ArchiveTask, OpenArchiver } from "./archiving.ts";

const formats: Readonly<Record<ArchiveFormatName, () => ArchiveFormat>> = {
  "lines-gzip": () => jsonLines(),
  "lines-zstd": () => jsonLines({ compression: "zstd" }),
  "lines-none": () => jsonLines({ compression: "none" }),
  "parquet-snappy": () => parquet(),
  "parquet-zstd": () => parquet({ compression: "zstd" }),
};

/** The archive of this project, given what a processor would give it. */
export const openS3Archiver: OpenArchiver = ({ bootstrapServers, endpoint }) => {
  const reader = createKafkaRangeReader({ clientId: "bench", bootstrapServers: bootstrapServers.split(",") });
  return async (task) => {
    const { topicId, leader, isolationLevel } = task;
    const archive = createArchive(
      { bucket: "bench", layout: "{topic}/{partition}/{from}-{last}", format: formats[task.format]() },
      () => localAccess(endpoint),
    );
    const range = rangeOf(task);
    const open = await archive.open(range);
    if (open.kind !== "prepared" || open.writeBatch === undefined) {
      throw new TypeError("an archive takes batches, and prepares");
    }
    let at = range.fromOffset;
    for await (const batch of reader.readRange({ range, topicId, leader, isolationLevel }).batches()) {
      at = await open.writeBatch(batch, at);
    }
    const prepared = await open.prepare({ untilOffset: range.untilOffset, progress: "" });
    const settled = prepared === "nothing" ? prepared : await archive.settle?.(prepared.memo, range);
    await open.close();
    const objects = typeof settled === "object" ? decodeReceipt(settled.receipt).objects : [];
    return {
      records: objects.reduce((sum, { records }) => sum + records, 0),
      bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  };
};

function rangeOf({ topic, topicId, fromOffset, untilOffset }: ArchiveTask): OutputRange {
  return {
    ...{ pipeline: "bench", topic, topicId, partition: 0, batchId: "bench" },
    ...{ fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset), rangeFrom: BigInt(fromOffset) },
    ...{ attempt: 1, leaseCounter: 1, plannedAt: Date.now(), isSequential: true },
    remainingMs: 60_000,
    signal: new AbortController().signal,
  };
}
