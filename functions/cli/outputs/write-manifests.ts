// Write manifests
//
// ranges manifests: has each archive name what of it is complete, batch by batch. Killed at any moment it leaves whole
// manifests and none that says too much: the next run writes what is missing.
// That one which is there is never replaced is create-manifest.ts's.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { BATCH_SETTLED_MS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { MAX_CONCURRENT_LOOKS } from "../../../shared/s3/limits.ts";
import type { S3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { type BatchManifest, batchManifests, MANIFEST_FOLDER } from "../../manifests/batch-manifests.ts";
import { createManifest } from "../../manifests/create-manifest.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { rememberedSince } from "./expect-archives.ts";
import { readRanges } from "./read-ranges.ts";

export interface ManifestDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
  readonly openBucket: (name: string) => Promise<ManifestBucket>;
}

export type ManifestBucket = Pick<S3Bucket, "list" | "get" | "create" | "close">;

export interface ManifestAct {
  readonly pipeline: string | undefined;
  readonly isDryRun: boolean;
  readonly json: boolean;
}

export async function writeManifests(
  { ledger, terminal, now, openBucket }: ManifestDeps,
  { pipeline, isDryRun, json }: ManifestAct,
): Promise<ExitCode> {
  const read = await readRanges(ledger, pipeline, terminal.signal);
  const all = batchManifests(read, { now: now(), rememberedSince: rememberedSince(read, now()) });
  const complete = all.filter(({ state }) => state === "complete");
  let written = 0;
  for (const [name, manifests] of Map.groupBy(complete, ({ bucket }) => bucket)) {
    const bucket = await openBucket(name);
    try {
      for (const missing of await missingOf(bucket, manifests)) {
        terminal.signal.throwIfAborted();
        await (isDryRun ? undefined : create(bucket, missing));
        written += 1;
        const { key, batchId, ranges } = missing;
        await terminal.print(json ? JSON.stringify({ bucket: name, key, batchId, ranges }) : `s3://${name}/${key}`);
      }
    } finally {
      bucket.close();
    }
  }
  terminal.note(describeBatches(all, { written, isDryRun }));
  if (all.length === 0) {
    const whose = pipeline === undefined ? "the ledger's pipelines" : `pipeline ${pipeline}`;
    terminal.note(`nothing of ${whose} is in an archive so far: a manifest names the objects of an s3Archive`);
  }
  return EXIT.done;
}

function describeBatches(
  all: readonly BatchManifest[],
  { written, isDryRun }: { readonly written: number; readonly isDryRun: boolean },
): string {
  const count = (wanted: BatchManifest["state"]) => all.filter(({ state }) => state === wanted).length;
  const recent = count("recent");
  const parts = [
    `${written} manifests ${isDryRun ? "to be written" : "written"}`,
    `${count("complete") - written} are there`,
    `${count("open")} batches are not complete`,
    ...(recent === 0
      ? []
      : [`${recent} are complete, and younger than ${BATCH_SETTLED_MS / 60_000} minutes: run it again then`]),
  ];
  return parts.join(", ");
}

/** By a listing: one request for a thousand of those that are there. */
async function missingOf(
  bucket: ManifestBucket,
  manifests: readonly BatchManifest[],
): Promise<readonly BatchManifest[]> {
  const present = new Set<string>();
  const prefixes = new Set(manifests.map(({ prefix }) => prefix));
  await mapConcurrently([...prefixes], MAX_CONCURRENT_LOOKS, async (prefix) => {
    for await (const { key } of bucket.list(`${prefix === "" ? "" : `${prefix}/`}${MANIFEST_FOLDER}/`)) {
      present.add(key);
    }
  });
  return manifests.filter(({ key }) => !present.has(key));
}

async function create(bucket: ManifestBucket, manifest: BatchManifest): Promise<void> {
  if ((await createManifest(bucket, manifest)) === "differs") {
    throw new ConfigurationError(
      `s3://${manifest.bucket}/${manifest.key} is there with another content than the ledger has: find out who wrote it, and move it away`,
    );
  }
}
