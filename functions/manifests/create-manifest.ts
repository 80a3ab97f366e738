// Create manifest
//
//   WMA1  A manifest that is there is never replaced: it is the same, or an error names it.

import type { S3Bucket } from "../../shared/s3/s3-bucket.ts";
import type { BatchManifest } from "./batch-manifests.ts";

export type ManifestOutcome =
  | "written"
  /** It was there, word by word. */
  | "present"
  /** Something else is in its place. */
  | "differs";

/** Rejects as the bucket's calls do; whoever tries again finds out whether it was put. */
export async function createManifest(
  bucket: Pick<S3Bucket, "create" | "get">,
  { key, text }: Pick<BatchManifest, "key" | "text">,
): Promise<ManifestOutcome> {
  if (await bucket.create(key, text, "application/json")) {
    return "written";
  }
  return (await bucket.get(key)) === text ? "present" : "differs";
}
