// Archive layout
//
// Which key an object gets: a template, filled with what the ledger has fixed before
// anything is read, and with the bucket of time that a record lies in.
//
//   AL1  Two pieces of one chain never get the same key: it names the topic, the partition and
//        the first offset. A reprocess request has a prefix of its own.

import { ConfigurationError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { OutputRange } from "../core/output/range-output.ts";
import { S3_MAX_KEY_BYTES } from "../s3/limits.ts";
import type { TimeFields } from "./time-buckets.ts";

export const DEFAULT_LAYOUT = "topic={topic}/dt={date}/hour={hour}/part={partition}/{from}-{last}";

/** Where an archive begins: `PREFIX`, or `PREFIX-reprocessed/request=ID`, where live objects are never mixed with. */
export function prefixOf(prefix: string, requestId: string | undefined): string {
  if (requestId === undefined) {
    return prefix;
  }
  return `${prefix === "" ? "" : `${prefix}-`}reprocessed/request=${requestId}`;
}

/** A piece of a range: [fromOffset, untilOffset) as it is planned. A commit before its end makes the next begin earlier. */
export interface ArchivePiece {
  readonly range: OutputRange;
  readonly fromOffset: bigint;
}

type Field = (piece: ArchivePiece, time: TimeFields) => string;

const TIME_FIELDS = ["date", "year", "month", "day", "hour", "minute"] as const;

const fields: Readonly<Record<string, Field>> = {
  pipeline: ({ range }) => range.pipeline,
  topic: ({ range }) => range.topic,
  topicId: ({ range }) => range.topicId,
  partition: ({ range }) => range.partition.toString().padStart(5, "0"),
  from: ({ fromOffset }) => paddedOffset(fromOffset),
  last: ({ range }) => paddedOffset(range.untilOffset - 1n),
  batch: ({ range }) => range.batchId,
  ...Object.fromEntries(TIME_FIELDS.map((name): [string, Field] => [name, (_, time) => time[name]])),
};

export interface ArchiveLayout {
  /** Whether it has a field of time: otherwise a piece makes one object. */
  readonly hasTime: boolean;
  /** Without extension. */
  keyOf(piece: ArchivePiece, time: TimeFields): string;
}

/** Throws ConfigurationError that names the field, and what it has to be. */
export function parseLayout(template: string): ArchiveLayout {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
  const unknown = names.find((name) => fields[name] === undefined);
  if (unknown !== undefined) {
    const known = Object.keys(fields);
    const nearest = nearestName(unknown, known);
    const meant = nearest === undefined ? `known are ${known.join(", ")}` : `did you mean {${nearest}}?`;
    throw new ConfigurationError(`layout ${JSON.stringify(template)}: {${unknown}} is no field; ${meant}`);
  }
  for (const needed of [["topic", "topicId"], ["partition"], ["from"]]) {
    if (!needed.some((name) => names.includes(name))) {
      throw new ConfigurationError(
        `layout ${JSON.stringify(template)} lacks ${needed.map((name) => `{${name}}`).join(" or ")}: objects of different offsets would get one key`,
      );
    }
  }
  requirePath("layout", template.replace(/[{}]/g, ""));
  const pieces = template.split(/\{([^{}]*)\}/);
  return {
    hasTime: TIME_FIELDS.some((name) => names.includes(name)),
    keyOf: (piece, time) =>
      pieces.map((text, index) => (index % 2 === 0 ? text : fields[text]?.(piece, time))).join(""),
  };
}

/** Throws ConfigurationError unless it is made of names with single slashes between. */
export function requirePath(what: string, path: string): void {
  const wrong = path.split("/").find((part) => part === "" || part === "." || part === "..");
  const isControl = Array.from(path).some((character) => character < " " || "\\{}".includes(character));
  if (wrong !== undefined || isControl) {
    throw new ConfigurationError(
      `${what} ${JSON.stringify(path)} is no path of an object: names with single slashes between, none at its ends, none of them "." or ".."`,
    );
  }
}

/** Throws ConfigurationError for a key that S3 does not take. */
export function requireKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes > S3_MAX_KEY_BYTES) {
    throw new ConfigurationError(
      `key ${key} has ${bytes} bytes; S3 takes ${S3_MAX_KEY_BYTES}: shorten prefix or layout`,
    );
  }
  return key;
}

/** As many digits as the largest offset has, so that keys sort as offsets do. */
function paddedOffset(offset: bigint): string {
  return offset.toString().padStart(20, "0");
}
