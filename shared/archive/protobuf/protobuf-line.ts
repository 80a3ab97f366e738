import { useSchema } from "../../schemas/use-schema.ts";
import { toJsonValue } from "../../schemas/value-json.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusing, requirePayload } from "../format/refuse-record.ts";
import { messageTypeOf } from "./message-resolving.ts";
import { messageReader } from "./message-values.ts";

/**
 * A line of `jsonLines({ line: protobufLine })`: the record's message as JSON, by its own schema, `null` for a tombstone.
 * Names are the .proto file's, integers of 64 bits have all their digits, bytes are `{"base64":…}`, times texts. Throws
 * InvalidOutputError without the field `protobuf`.
 */
export function protobufLine(record: ArchiveRecord): string {
  if (record.protobuf === null) {
    return "null";
  }
  const { decoded, schema } = requirePayload(record, "protobuf");
  const type = messageTypeOf(record);
  const read = useSchema(schema, () => messageReader(type));
  return refusing(record, "cannot be read", () => JSON.stringify(toJsonValue(read(decoded))));
}
