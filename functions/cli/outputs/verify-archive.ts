// Verify archive
//
// Holds a bucket against what the ledger says of it: every object is there, with its size and
// with the checksum that S3 keeps, and nothing else is below the prefix.
//
//   VA1  What is written meanwhile is no problem: an object that is unknown is asked for in the ledger once
//        more, after it was listed, and an object is there before its receipt is.
//   VA2  An object that is older than what the table remembers is told, and is no problem.

import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { MAX_CONCURRENT_LOOKS, OBJECTS_BETWEEN_NOTES } from "../../../shared/s3/limits.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { digestObject } from "./digest-object.ts";
import type { ExpectedArchive, ExpectedObject } from "./expect-archives.ts";
import type { OutputProblem, OutputProof } from "./output-proof.ts";

export interface ArchiveRules {
  /** Reads every object, and computes its digests again. */
  readonly isDeep: boolean;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** All archives of the bucket, as the ledger says now. */
  readonly readAgain: () => Promise<readonly ExpectedArchive[]>;
  /** Milliseconds since the epoch; what is older may be of a range that is forgotten. */
  readonly rememberedSince: number;
}

/** `all` are the bucket's archives, this one among them. */
export async function verifyArchive(
  store: ArchiveStore,
  { archive, all }: { readonly archive: ExpectedArchive; readonly all: readonly ExpectedArchive[] },
  rules: ArchiveRules,
): Promise<OutputProof> {
  const { bucket, prefix } = archive;
  const place = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  const objects = [...archive.objects.values()];
  let done = 0;
  const found = await mapConcurrently(objects, MAX_CONCURRENT_LOOKS, async (object) => {
    rules.signal.throwIfAborted();
    const problem = await verifyObject(store, object, rules.isDeep);
    done += 1;
    if (done % OBJECTS_BETWEEN_NOTES === 0) {
      rules.note(`${place}: ${done} of ${objects.length} objects`);
    }
    return problem;
  });
  const { strays, forgotten } = await findStrays(store, { archive, all, place }, rules);
  return {
    pipelines: [...archive.pipelines],
    output: "S3",
    place,
    ranges: archive.ranges,
    objects: objects.length,
    records: objects.reduce((sum, { records }) => sum + records, 0),
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    forgotten,
    problems: [...archive.problems, ...found.flatMap((problem) => problem ?? []), ...strays],
  };
}

async function verifyObject(
  store: ArchiveStore,
  object: ExpectedObject,
  isDeep: boolean,
): Promise<OutputProblem | undefined> {
  const { key, bytes, crc32, range } = object;
  const found = await store.head(key);
  if (found === undefined) {
    return { kind: "objectMissing", message: `${key} of ${range} is not there` };
  }
  const differs = (what: string): OutputProblem => ({
    kind: "objectDiffers",
    message: `${key} of ${range} ${what}`,
  });
  if (found.bytes !== bytes) {
    return differs(`has ${found.bytes} bytes, and ${bytes} were written`);
  }
  // Stores other than S3 may keep no checksum.
  if (found.crc32 !== undefined && found.crc32 !== crc32) {
    return differs(`has the CRC-32 ${found.crc32}, and ${crc32} was written`);
  }
  if (!isDeep) {
    return undefined;
  }
  const digest = await digestObject(store, object);
  if (digest.crc32 !== crc32) {
    return differs(`reads as CRC-32 ${digest.crc32}, and ${crc32} was written`);
  }
  return digest.sha256 === undefined || digest.sha256 === object.sha256
    ? undefined
    : differs(`has content with SHA-256 ${digest.sha256}, and ${object.sha256} was written`);
}

async function findStrays(
  store: ArchiveStore,
  {
    archive,
    all,
    place,
  }: { readonly archive: ExpectedArchive; readonly all: readonly ExpectedArchive[]; readonly place: string },
  { signal, note, readAgain, rememberedSince }: ArchiveRules,
): Promise<{ readonly strays: readonly OutputProblem[]; readonly forgotten: number }> {
  const unknown: string[] = [];
  let listed = 0;
  let forgotten = 0;
  for await (const { key, modifiedAt } of store.list(archive.prefix === "" ? "" : `${archive.prefix}/`)) {
    signal.throwIfAborted();
    listed += 1;
    if (listed % OBJECTS_BETWEEN_NOTES === 0) {
      note(`${place}: ${listed} objects listed`);
    }
    if (isKnown(all, key) || ownerOf(all, key) !== archive) {
      continue;
    }
    if (modifiedAt < rememberedSince) {
      forgotten += 1;
    } else {
      unknown.push(key);
    }
  }
  const present = unknown.length === 0 ? [] : await readAgain();
  const strays = unknown.filter((key) => !isKnown(present, key));
  return { strays: strays.map((key) => ({ kind: "objectStray", message: `${key} is of no range` })), forgotten };
}

function isKnown(archives: readonly ExpectedArchive[], key: string): boolean {
  return archives.some(({ objects, prepared }) => objects.has(key) || prepared.has(key));
}

/** The one with the longest prefix: one archive may lie below another. */
function ownerOf(archives: readonly ExpectedArchive[], key: string): ExpectedArchive | undefined {
  return archives
    .filter(({ prefix }) => prefix === "" || key.startsWith(`${prefix}/`))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
}
