// Position table
//
// Where each chain stands, in a table of the user's own database: one row per chain, or per
// range where ranges go on side by side. A row is moved by the transaction that has the
// outputs in it, so that the database itself is the fence:
//
//   PT1  `claim` writes into the row who has opened it last, and waits for whatever transaction has the row.
//   PT2  `move` changes the row only where the same one still has it open and it stands at `from`; else its
//        transaction fails at once, and with it all that was sent behind it.
//
// Of two attempts that claim the row, the earlier one can move it before the later one's claim, and
// then the later one is told so; or after it, and then PT2 fails it. There is no third
// order, since both change the one row, and the database lets one wait for the other.

import { ConfigurationError } from "../../core/errors.ts";
import type { OutputPosition, OutputRange } from "../../core/output/range-output.ts";
import { MAX_IDENTIFIER_BYTES } from "../limits.ts";

export const DEFAULT_TABLE = "kafka_offset_ranges";

/** A statement with its values, none of them by name: what goes through a pooling proxy without pinning it. */
export interface TableStatement {
  readonly text: string;
  readonly values: readonly (string | number | null)[];
}

/** The table's name as it stands in SQL, each part quoted. Throws ConfigurationError. */
export function quoteTable(name: string): string {
  const parts = String(name).split(".");
  const isName = (part: string) => /^[A-Za-z_][\w$]*$/.test(part) && part.length <= MAX_IDENTIFIER_BYTES;
  if (parts.length > 2 || !parts.every(isName)) {
    throw new ConfigurationError(
      `table ${JSON.stringify(name)} is no name for the table of positions; expected letters, digits and "_", with a schema's name and a dot before it if need be: ${DEFAULT_TABLE}, or etl.${DEFAULT_TABLE}`,
    );
  }
  return parts.map((part) => `"${part}"`).join(".");
}

/**
 * The statement that creates the table of positions, to be run once, by somebody who may: `GRANT SELECT, INSERT, UPDATE`
 * on it is all that the functions need. Throws ConfigurationError for what is no name.
 */
export function postgresSchema(table: string = DEFAULT_TABLE): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(table)} (
  pipeline text COLLATE "C" NOT NULL,
  topic_id uuid NOT NULL,
  partition integer NOT NULL,
  -- Of the reprocess request, with when its range was planned; empty for the live chain.
  request_id text COLLATE "C" NOT NULL DEFAULT '',
  -- Where the range begins that the row is of; -1 where it is of the whole chain.
  range_from bigint NOT NULL,
  topic text NOT NULL,
  -- The outputs of [from_offset, until_offset) are in this database; NULL before the first commit.
  from_offset bigint,
  until_offset bigint,
  progress text NOT NULL DEFAULT '',
  -- The attempt that opened it last: it alone may move it.
  opened_by uuid,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, topic_id, partition, request_id, range_from)
) WITH (fillfactor = 50);
`;
}

/** The key of the row that an attempt's range has. */
export type PositionKey = readonly [
  pipeline: string,
  topicId: string,
  partition: number,
  requestId: string,
  rangeFrom: string,
];

/** An id may come again, once the ledger has forgotten its request. */
function requestKey({ requestId, plannedAt }: { readonly requestId: string; readonly plannedAt: number }): string {
  return `${requestId}@${plannedAt}`;
}

export function positionKeyOf({
  pipeline,
  topicId,
  partition,
  requestId,
  plannedAt,
  isSequential,
  rangeFrom,
}: OutputRange): PositionKey {
  const request = requestId === undefined ? "" : requestKey({ requestId, plannedAt });
  return [pipeline, topicId, partition, request, isSequential ? "-1" : rangeFrom.toString()];
}

const KEY = "pipeline = $1 AND topic_id = $2 AND partition = $3 AND request_id = $4 AND range_from = $5";

/** Answers with until_offset and progress (PT1). */
export function claimPosition(
  table: string,
  key: PositionKey,
  { topic, openedBy }: { readonly topic: string; readonly openedBy: string },
): TableStatement {
  return {
    text: `INSERT INTO ${table} (pipeline, topic_id, partition, request_id, range_from, topic, opened_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (pipeline, topic_id, partition, request_id, range_from)
DO UPDATE SET opened_by = excluded.opened_by, topic = excluded.topic
RETURNING until_offset, progress`,
    values: [...key, topic, openedBy],
  };
}

/** Answers with until_offset and opened_by once no transaction has the row: what was sent before it has ended. */
export function readPosition(table: string, key: PositionKey): TableStatement {
  return { text: `SELECT until_offset, opened_by FROM ${table} WHERE ${KEY} FOR UPDATE`, values: key };
}

/** Moves the row, or fails with SQLSTATE 22012, division by zero, where PT2 forbids it. */
export function movePosition(table: string, key: PositionKey, move: PositionMove): TableStatement {
  const { openedBy, fromPosition, fromOffset, untilOffset, progress } = move;
  return {
    text: `WITH moved AS (
  UPDATE ${table} SET from_offset = coalesce(from_offset, $8), until_offset = $9, progress = $10, changed_at = now()
  WHERE ${KEY} AND opened_by = $6 AND until_offset IS NOT DISTINCT FROM $7::bigint
  RETURNING 1
) SELECT 1 / count(*) FROM moved`,
    values: [
      ...key,
      openedBy,
      fromPosition?.toString() ?? null,
      fromOffset.toString(),
      untilOffset.toString(),
      progress,
    ],
  };
}

export interface PositionMove {
  readonly openedBy: string;
  readonly fromPosition: bigint | undefined;
  /** Where the first outputs of all begin: kept once, and not changed. */
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly progress: string;
}

export function positionOf({
  until_offset,
  progress,
}: {
  readonly until_offset: string | null;
  readonly progress: string;
}): OutputPosition | undefined {
  return until_offset === null ? undefined : { untilOffset: BigInt(until_offset), progress };
}
