import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { type ArchiveOptions, createArchive } from "../../../shared/archive/s3-archive.ts";
import type { RangeOutput } from "../../../shared/core/output/range-output.ts";
import { awsAccessOf, S3 } from "../../aws-access.ts";

/**
 * An output that keeps records as objects of a bucket, exactly once. Throws ConfigurationError for options that are
 * wrong.
 */
export function s3Archive(options: ArchiveOptions): RangeOutput<ArchiveRecord> {
  return createArchive(options, () => awsAccessOf(S3));
}
