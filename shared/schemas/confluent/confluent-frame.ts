// Confluent frame
//
// How Confluent's serializers say which schema a key or a value was written with: in a header
// of the record, or in front of the bytes.
//
//   CF1  The header goes first: with it, nothing stands in front of the bytes.
//   CF2  Of several headers of the name the last one counts, as in Kafka's own lastHeader.
//   CF3  An id that no registry gives, above MAX_SCHEMA_ID, is held against the record: registries have no answer to it.
//
//   header, prefix := version id [indexes]
//   version        := 0, then id is unsigned, of 32 bits | 1, then id is a UUID
//   indexes        := of Protobuf: COUNT INDEX*, zigzag varints; a count of 0 stands for the one index 0

import { UndecodableError } from "../../core/decode/decode-errors.ts";
import type { RecordPart } from "../../core/decode/deserializer.ts";
import { FrameReader } from "../frame-reader.ts";
import { MAX_MESSAGE_DEPTH, MAX_SCHEMA_ID } from "../limits.ts";
import type { Framed, SchemaFormat } from "../schema-registry.ts";

const HEADERS = { key: "__key_schema_id", value: "__value_schema_id" } as const;

/** The id is decimal, or a UUID. Throws UndecodableError. */
export function readConfluentFrame(
  bytes: Buffer,
  { part, headers }: Pick<RecordPart, "part" | "headers">,
  format: SchemaFormat,
): Framed {
  const header = headers.findLast(({ key, value }) => key === HEADERS[part] && value !== null)?.value;
  const reader = new FrameReader(header ?? bytes);
  const id = readId(reader, header === undefined || header === null ? "its first byte" : `its header ${HEADERS[part]}`);
  const message = format === "PROTOBUF" ? { message: { path: readPath(reader) } } : {};
  return { id, payload: header === undefined || header === null ? reader.rest : bytes, ...message };
}

function readId(reader: FrameReader, where: string): string {
  const version = reader.byte();
  switch (version) {
    case 0:
      return checkId(reader.uint32(), where);
    case 1:
      return reader.uuid();
    default:
      throw new UndecodableError(
        `${where} is ${version}; expected 0 or 1, with which a schema registry's serializers begin: was it written by one?`,
      );
  }
}

function checkId(id: number, where: string): string {
  if (id > MAX_SCHEMA_ID) {
    throw new UndecodableError(
      `behind ${where} stands the schema id ${id}; expected at most ${MAX_SCHEMA_ID}: was it written by a schema registry's serializer?`,
    );
  }
  return String(id);
}

function readPath(reader: FrameReader): readonly number[] {
  const count = reader.zigzag();
  if (count === 0) {
    return [0];
  }
  if (count < 0 || count > MAX_MESSAGE_DEPTH) {
    throw new UndecodableError(
      `its frame says that its message lies ${count} deep; expected 1 to ${MAX_MESSAGE_DEPTH}`,
    );
  }
  return Array.from({ length: count }, () => {
    const index = reader.zigzag();
    if (index < 0) {
      throw new UndecodableError(`its frame names the message ${index} of its schema; expected 0 or above`);
    }
    return index;
  });
}
