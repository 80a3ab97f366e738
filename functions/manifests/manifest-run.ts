import type { ManifestLedger } from "../../shared/core/ledger/manifest-ledger.ts";
import type { S3Bucket } from "../../shared/s3/s3-bucket.ts";

export interface DueManifestDeps {
  readonly ledger: ManifestLedger;
  readonly bucket: Pick<S3Bucket, "create" | "get">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface DueManifestRules {
  readonly pipeline: string;
  /** Of the bucket that is given. */
  readonly bucketName: string;
  /** What the prefixes of the archives begin with that are written to; empty: all of the bucket. */
  readonly prefix: string;
  /** Milliseconds since the epoch: no further window is begun after it. */
  readonly endsAt: number;
}

export interface DueManifests {
  /** Keys, in order. */
  readonly written: string[];
  /** Keys of manifests that were there: a run before had died. */
  readonly present: string[];
  /** Keys of what is there in place of a manifest, with another content. */
  readonly differing: string[];
  /** `s3://BUCKET/KEY` of archives that are not this function's. */
  readonly elsewhere: string[];
  /** Ids of batches that were not complete in time. */
  readonly givenUp: string[];
  /** Batches that wait for a range. */
  waiting: number;
}

/** One run's work. */
export interface ManifestRun {
  readonly deps: DueManifestDeps;
  readonly rules: DueManifestRules;
  readonly found: DueManifests;
  /** When it began. */
  readonly now: number;
  /** The table surely remembers what was closed since. */
  readonly rememberedSince: number;
}
