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
import { compositeChecksum, type StoredObject } from "../../../shared/s3/multipart-uploads.ts";
import { type BatchManifest, MANIFEST_FOLDER } from "../../manifests/batch-manifests.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { digestAnew, digestObject, type ObjectDigest, partsOf } from "./digest-object.ts";
import type { ExpectedArchive, ExpectedObject } from "./expect-archives.ts";
import type { OutputProblem, OutputProof } from "./output-proof.ts";

export interface ArchiveRules {
  /** Reads every object, and computes its digests again. */
  readonly isDeep: boolean;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** What the ledger says now. */
  readonly readAgain: () => Promise<Expectation>;
  /** Milliseconds since the epoch; what is older may be of a range that is forgotten. */
  readonly rememberedSince: number;
}

/** Of all archives. */
export interface Expectation {
  readonly archives: readonly ExpectedArchive[];
  readonly manifests: readonly BatchManifest[];
}

/** `expected` is of the archive and of all others of its bucket. */
export async function verifyArchive(
  store: ArchiveStore,
  { archive, expected }: { readonly archive: ExpectedArchive; readonly expected: Expectation },
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
  const { strays, manifests, forgotten } = await findStrays(store, { archive, expected, place }, rules);
  const wrong = await verifyManifests(store, manifests, rules);
  return {
    pipelines: [...archive.pipelines],
    output: "S3",
    place,
    ranges: archive.ranges,
    objects: objects.length,
    records: objects.reduce((sum, { records }) => sum + records, 0),
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    ...{ manifests: manifests.length, forgotten },
    problems: [...archive.problems, ...found.flatMap((problem) => problem ?? []), ...strays, ...wrong],
  };
}

async function verifyObject(
  store: ArchiveStore,
  object: ExpectedObject,
  isDeep: boolean,
): Promise<OutputProblem | undefined> {
  const { key, bytes, range, committed } = object;
  const found = await store.head(key);
  if (found === undefined) {
    return { kind: "objectMissing", message: `${key} of ${range} is not there; it was written of ${committed}` };
  }
  if (found.bytes !== bytes) {
    return differs(object, `has ${found.bytes} bytes, and ${bytes} were written`);
  }
  return isDeep ? verifyContent(store, object, found) : verifyChecksum(object, found);
}

function differs({ key, range }: ExpectedObject, what: string): OutputProblem {
  return { kind: "objectDiffers", message: `${key} of ${range} ${what}` };
}

/** Stores other than S3 may keep none, and S3 keeps one of another kind of some copies. */
function verifyChecksum(object: ExpectedObject, { crc32: found }: StoredObject): OutputProblem | undefined {
  const { key, range, crc32: written } = object;
  if (found === undefined || isSame(found, written)) {
    return undefined;
  }
  const isAnew = partsOf(found) !== partsOf(written) && partsOf(written) !== 1;
  return isAnew
    ? {
        kind: "objectAnew",
        message: `${key} of ${range} was uploaded anew: it has the CRC-32 ${found} and ${written} was written, which are not of the same parts; --deep compares its content`,
      }
    : differs(object, `has the CRC-32 ${found}, and ${written} was written`);
}

/** An object of one part has the same content where that of the whole is the part's. */
function isSame(found: string, written: string): boolean {
  const ofOne = partsOf(found) === 0 ? compositeChecksum([{ etag: "", crc32: found }]) : found;
  return written === found || written === ofOne;
}

async function verifyContent(
  store: ArchiveStore,
  object: ExpectedObject,
  { crc32: found }: StoredObject,
): Promise<OutputProblem | undefined> {
  const { crc32, sha256 } = object;
  const isOriginal = found === crc32;
  let digest = await (isOriginal ? digestObject(store, object) : digestAnew(store, object));
  if (isOriginal ? digest.crc32 === crc32 && (digest.sha256 ?? sha256) === sha256 : isEqual(digest, object)) {
    return undefined;
  }
  if (found === undefined) {
    // A store that keeps no checksums: it may be as it was uploaded, and in parts of other sizes.
    digest = await digestObject(store, object);
    if (isEqual(digest, object)) {
      return undefined;
    }
  }
  return digest.crc32 === crc32
    ? differs(object, `has content with SHA-256 ${digest.sha256}, and ${sha256} was written`)
    : differs(object, `reads as CRC-32 ${digest.crc32}, and ${crc32} was written`);
}

/** By the content, where there is a digest of it; cut another way it has another checksum. */
function isEqual(digest: ObjectDigest, { crc32, sha256 }: ExpectedObject): boolean {
  return digest.sha256 === undefined ? digest.crc32 === crc32 : digest.sha256 === sha256;
}

interface Finding {
  readonly archive: ExpectedArchive;
  readonly expected: Expectation;
  readonly place: string;
}

interface Found {
  readonly strays: readonly OutputProblem[];
  /** Keys of those that are there. */
  readonly manifests: readonly string[];
  readonly forgotten: number;
}

async function findStrays(
  store: ArchiveStore,
  { archive, expected: { archives }, place }: Finding,
  { signal, note, readAgain, rememberedSince }: ArchiveRules,
): Promise<Found> {
  const folder = archive.prefix === "" ? "" : `${archive.prefix}/`;
  const unknown: string[] = [];
  const manifests: string[] = [];
  let listed = 0;
  let forgotten = 0;
  for await (const { key, modifiedAt } of store.list(folder)) {
    signal.throwIfAborted();
    listed += 1;
    if (listed % OBJECTS_BETWEEN_NOTES === 0) {
      note(`${place}: ${listed} objects listed`);
    }
    if (key.startsWith(`${folder}${MANIFEST_FOLDER}/`)) {
      manifests.push(key);
    } else if (isKnown(archives, key) || ownerOf(archives, key) !== archive) {
    } else if (modifiedAt < rememberedSince) {
      forgotten += 1;
    } else {
      unknown.push(key);
    }
  }
  const present = unknown.length === 0 ? [] : (await readAgain()).archives;
  const strays = unknown.filter((key) => !isKnown(present, key));
  return {
    strays: strays.map((key) => ({ kind: "objectStray", message: `${key} is of no range` })),
    ...{ manifests, forgotten },
  };
}

/** They are written of what is final: what the ledger says now is what it said then, of all that it remembers. */
async function verifyManifests(
  store: ArchiveStore,
  keys: readonly string[],
  { readAgain, rememberedSince, signal }: ArchiveRules,
): Promise<readonly OutputProblem[]> {
  if (keys.length === 0) {
    return [];
  }
  const known = new Map((await readAgain()).manifests.map((manifest) => [manifest.key, manifest]));
  const problems = await mapConcurrently(keys, MAX_CONCURRENT_LOOKS, async (key) => {
    signal.throwIfAborted();
    const manifest = known.get(key);
    if (manifest?.state === "forgotten") {
      return undefined;
    }
    if (manifest?.state === "open") {
      return `${key} is of a batch that is not complete`;
    }
    const content = await store.get(key);
    if (manifest !== undefined) {
      return content === undefined || content === manifest.text ? undefined : `${key} says another than the ledger`;
    }
    return plannedAtIn(content) < rememberedSince ? undefined : `${key} is of no batch`;
  });
  return problems.flatMap((message) => (message === undefined ? [] : [{ kind: "manifestWrong", message }]));
}

/** NaN, which is below nothing, where it does not say. */
function plannedAtIn(content = ""): number {
  try {
    const { plannedAt }: { readonly plannedAt?: unknown } = JSON.parse(content);
    return typeof plannedAt === "string" ? Date.parse(plannedAt) : Number.NaN;
  } catch {
    return Number.NaN;
  }
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
