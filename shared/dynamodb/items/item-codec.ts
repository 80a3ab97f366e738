// Item codec
//
// One range record as one item. What the key says is not stored again.
//
//   IC1  A record is checked when it is decoded, as it was when it was made; an
//        item that cannot be one is an error that names it, never a guess.
//   IC2  An item of another schema version is refused before anything else of it
//        is read.
//   IC3  An item fits one write unit: the texts of an error and of an operator are cut
//        to what is left, and left out where that is nothing. The facts of an error are
//        never cut, and of a halted range, which somebody acts on, never left out. Only what
//        outputs say, and which offsets were rejected (output-notes-codec.ts), makes it longer: the notes have a unit of their own then.
//   IC4  expiresAt is kept in whole seconds, as DynamoDB's TTL needs it, rounded up:
//        nothing is forgotten early.
//   IC5  Within a version attributes are only added, each optional and at the top of an
//        item: newer code reads what older code wrote, and older code leaves what it does
//        not know as it stands.
//   IC6  What must not be left unread is named in the item's `crit`, as in JOSE's header
//        (RFC 7515, 4.1.11): code that does not know it refuses the item.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { CRITICAL_ATTRIBUTE, EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../core/ledger/ledger-table.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { Narrowing } from "../../core/range/range-narrowing.ts";
import { assertRangeRecord, RANGE_STATUSES, type RangeRecord } from "../../core/range/range-record.ts";
import { ItemReader } from "./attributes/item-reader.ts";
import { itemBytes } from "./attributes/item-size.ts";
import { decodeRangeKey, type Item, rangeKey } from "./attributes/keys.ts";
import { number, optionalNumbers } from "./attributes/numbers.ts";
import { decodeCounts, encodeCounts } from "./counts-codec.ts";
import { WRITE_UNIT_BYTES } from "./limits.ts";
import { decodeError, decodeOperator, encodeNotes } from "./note-codec.ts";
import {
  decodeOutputNotes,
  encodeOutputNotes,
  PREPARED_ATTRIBUTE,
  RECEIPTS_ATTRIBUTE,
  REJECTED_ATTRIBUTE,
} from "./output-notes-codec.ts";

/** The version of every item's layout. */
export const SCHEMA_VERSION = 1;

/** Of skipOffset. Short: with everything else at its longest a RUNNING record fills its write unit. */
const SKIP_ATTRIBUTE = "bad";

/** The attributes that only some records have. */
export const OPTIONAL_RANGE_ATTRIBUTES = [
  "leaseOwner",
  "leaseExpiresAt",
  "groupFrom",
  "adaptiveSize",
  "dispatchedAt",
  "nextAttemptAt",
  "startedAt",
  "completedAt",
  "leaderEpoch",
  "quarantined",
  SKIP_ATTRIBUTE,
  "outages",
  PREPARED_ATTRIBUTE,
  RECEIPTS_ATTRIBUTE,
  REJECTED_ATTRIBUTE,
  CRITICAL_ATTRIBUTE,
  "narrowed",
  "error",
  "operator",
  EXPIRY_ATTRIBUTE,
];

export function encodeRange(record: RangeRecord): Item {
  const { counts, lease } = record;
  const outputNotes = encodeOutputNotes(record);
  const item: Item = {
    ...rangeKey(record),
    schema: number(SCHEMA_VERSION),
    topic: { S: record.topic },
    untilOffset: number(record.untilOffset),
    committedOffset: number(record.committedOffset),
    status: { S: record.status },
    revision: number(record.revision),
    writeId: { S: record.writeId },
    counts: { M: encodeCounts(counts) },
    attempt: number(record.attempt),
    failedAttempts: number(record.failedAttempts),
    batchId: { S: record.batchId },
    leaseCounter: number(record.leaseCounter),
    ...(lease === undefined ? {} : { leaseOwner: { S: lease.owner }, leaseExpiresAt: number(lease.expiresAt) }),
    ...(record.groupFrom === undefined ? {} : { groupFrom: number(record.groupFrom) }),
    ...(record.adaptiveSize === undefined ? {} : { adaptiveSize: number(record.adaptiveSize) }),
    plannedAt: number(record.plannedAt),
    ...optionalNumbers({
      dispatchedAt: record.dispatchedAt,
      nextAttemptAt: record.nextAttemptAt,
      startedAt: record.startedAt,
      completedAt: record.completedAt,
      leaderEpoch: record.leaderEpoch,
      quarantined: record.quarantined,
      [SKIP_ATTRIBUTE]: record.skipOffset,
      outages: record.outages,
    }),
    ...outputNotes,
    ...(record.narrowed === undefined ? {} : { narrowed: { M: encodeNarrowing(record.narrowed) } }),
    ...(record.expiresAt === undefined ? {} : { [EXPIRY_ATTRIBUTE]: encodeExpiry(record.expiresAt) }),
  };
  const taken = Object.keys(outputNotes).length > 0 ? 0 : itemBytes(item);
  return { ...item, ...encodeNotes(record, WRITE_UNIT_BYTES - taken) };
}

/** Throws LedgerIntegrityError for an item that is not a range record of this schema version. */
export function decodeRange(item: Item): RangeRecord {
  const reader = openItem(item);
  const { chain, fromOffset } = decodeRangeKey(reader.text(PARTITION_KEY), reader.text(SORT_KEY));
  const record = {
    chain,
    partition: chain.partition,
    fromOffset,
    ...decodeState(reader, fromOffset),
    ...decodeTimes(reader),
  };
  reader.closeItem();
  try {
    return assertRangeRecord(record);
  } catch (error) {
    throw reader.error(error instanceof Error ? error.message : String(error), error);
  }
}

/** Starts reading an item whose layout is known. */
export function openItem(item: Item): ItemReader {
  const reader = new ItemReader(item);
  const version = reader.integer("schema");
  if (version !== SCHEMA_VERSION) {
    throw reader.error(`it has schema version ${version}, this code knows ${SCHEMA_VERSION}; deploy the newer code`);
  }
  return reader;
}

/** Milliseconds as the whole seconds that DynamoDB's TTL reads. */
export function encodeExpiry(expiresAt: number): AttributeValue.NMember {
  return number(Math.ceil(expiresAt / 1_000));
}

function decodeState(reader: ItemReader, fromOffset: bigint) {
  const committedOffset = reader.bigint("committedOffset");
  const leaseCounter = reader.integer("leaseCounter");
  const counts = reader.map("counts");
  const state = {
    topic: reader.text("topic"),
    untilOffset: reader.bigint("untilOffset"),
    committedOffset,
    status: decodeStatus(reader),
    revision: reader.integer("revision"),
    writeId: reader.text("writeId"),
    counts: decodeCounts(counts),
    attempt: reader.integer("attempt"),
    failedAttempts: reader.integer("failedAttempts"),
    batchId: reader.text("batchId"),
    leaseCounter,
    ...(reader.has("groupFrom") ? { groupFrom: reader.bigint("groupFrom") } : {}),
    ...(reader.has("adaptiveSize") ? { adaptiveSize: reader.bigint("adaptiveSize") } : {}),
    ...(reader.has(SKIP_ATTRIBUTE) ? { skipOffset: reader.bigint(SKIP_ATTRIBUTE) } : {}),
    ...decodeOutputNotes(reader, { fromOffset, committedOffset }),
    ...(reader.has("leaseOwner") ? { lease: decodeLease(reader, leaseCounter) } : {}),
    ...(reader.has("error") ? { error: decodeError(reader.map("error")) } : {}),
    ...(reader.has("narrowed") ? { narrowed: decodeNarrowing(reader.map("narrowed")) } : {}),
    ...(reader.has("operator") ? { operator: decodeOperator(reader.map("operator")) } : {}),
  };
  counts.close();
  return state;
}

function decodeTimes(reader: ItemReader) {
  const expiresAt = reader.optionalInteger(EXPIRY_ATTRIBUTE);
  return {
    plannedAt: reader.integer("plannedAt"),
    ...omitUndefined({
      dispatchedAt: reader.optionalInteger("dispatchedAt"),
      nextAttemptAt: reader.optionalInteger("nextAttemptAt"),
      startedAt: reader.optionalInteger("startedAt"),
      completedAt: reader.optionalInteger("completedAt"),
      leaderEpoch: reader.optionalInteger("leaderEpoch"),
      quarantined: reader.optionalInteger("quarantined"),
      outages: reader.optionalInteger("outages"),
      expiresAt: expiresAt === undefined ? undefined : expiresAt * 1_000,
    }),
  };
}

function decodeStatus(reader: ItemReader) {
  const text = reader.text("status");
  const status = RANGE_STATUSES.find((known) => known === text);
  if (status === undefined) {
    throw reader.error(`status ${text} is none of ${RANGE_STATUSES.join(", ")}`);
  }
  return status;
}

function decodeLease(reader: ItemReader, counter: number) {
  return { owner: reader.text("leaseOwner"), counter, expiresAt: reader.integer("leaseExpiresAt") };
}

function encodeNarrowing({ length, suspectUntil, blamed }: Narrowing): Item {
  return { length: number(length), ...optionalNumbers({ suspectUntil, blamed }) };
}

function decodeNarrowing(reader: ItemReader): Narrowing {
  const narrowed = {
    length: reader.bigint("length"),
    ...(reader.has("suspectUntil") ? { suspectUntil: reader.bigint("suspectUntil") } : {}),
    ...omitUndefined({ blamed: reader.optionalInteger("blamed") }),
  };
  reader.close();
  return narrowed;
}
