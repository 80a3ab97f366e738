// Line envelope
//
// Fields of a record itself in front of those of its line, which is a JSON object. The line's own text stays as it is.

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import {
  type EnvelopeField,
  type EnvelopeFields,
  type EnvelopeFieldsOptions,
  envelopeFieldsOf,
  requireApart,
} from "../format/envelope-fields.ts";
import { refusal } from "../format/refuse-record.ts";
import { ENCODING, type EnvelopeOptions, fieldText } from "./envelope.ts";

/** How fields of a record itself are named and written in a line. */
export interface LineEnvelopeOptions extends EnvelopeFieldsOptions, Pick<EnvelopeOptions, "headers" | "key"> {}

/** The line with the fields in front. */
export type AddEnvelope = (line: Uint8Array, record: ArchiveRecord, place: TopicPartition) => Uint8Array;

/**
 * Throws ConfigurationError, and so does what it answers, for a line that has one of the names; InvalidOutputError for one
 * that is no JSON object.
 */
export function lineEnvelope(given: EnvelopeFields<LineEnvelopeOptions>): AddEnvelope {
  const { named, ...encodings } = envelopeFieldsOf<LineEnvelopeOptions>(given, { key: ENCODING, headers: ENCODING });
  return (line, record, place) => {
    const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
    const names = Object.keys(objectOf(bytes, record));
    requireApart(named, names, record.offset === undefined ? "a line" : `the line of offset ${record.offset}`);
    const fields = named.flatMap(({ field, name }) => {
      const text = textOf(field, record, place, encodings);
      return text === undefined ? [] : [`"${name}":${text}`];
    });
    const separator = fields.length > 0 && names.length > 0 ? "," : "";
    return Buffer.concat([Buffer.from(`{${fields.join(",")}${separator}`), bytes.subarray(bytes.indexOf("{") + 1)]);
  };
}

type Encodings = Pick<LineEnvelopeOptions, "headers" | "key">;

function textOf(
  field: EnvelopeField,
  record: ArchiveRecord,
  { topic, partition }: TopicPartition,
  encodings: Encodings,
): string | undefined {
  switch (field) {
    case "topic":
      return JSON.stringify(topic);
    case "partition":
      return String(partition);
    default:
      return fieldText(field, record, encodings);
  }
}

function objectOf(line: Buffer, record: ArchiveRecord): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.toString());
  } catch (cause) {
    throw refusal(record, "has a line that is no JSON, beside which no envelope can stand", cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw refusal(
      record,
      "has a line that is no JSON object, as that of a tombstone, beside which no envelope can stand; write nothing for it, or give jsonLines line with the envelope around a value",
    );
  }
  return parsed;
}
