import type { ArchiveRecord } from "../format/archive-record.ts";
import { requirePayload } from "../format/refuse-record.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/**
 * A line of `jsonLines({ line: jsonSchemaLine })`: the record's JSON as it was written, without its frame, `null` for a
 * tombstone. Throws InvalidOutputError without the field `jsonSchema`.
 */
export function jsonSchemaLine(record: ArchiveRecord): Uint8Array | string {
  if (record.jsonSchema === null) {
    return "null";
  }
  const { payload } = requirePayload(record, "jsonSchema");
  if (!payload.includes(LINE_FEED) && !payload.includes(CARRIAGE_RETURN)) {
    return payload;
  }
  // A line break is white space there, between tokens.
  return payload.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte));
}
