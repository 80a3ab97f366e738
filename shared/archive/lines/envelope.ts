// Envelope
//
// A record as one JSON object: {"offset":7,"timestamp":1700000000000,"key":…,"value":…,"headers":[…]}.

import { isUtf8 } from "node:buffer";
import { InvalidOutputError } from "../../core/errors.ts";
import { oneOf } from "../../core/options/require-options.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import type { EnvelopeField } from "../format/envelope-fields.ts";

/** Bytes as they stand in JSON: as a text, as the JSON that they are, or in base64. */
export type EnvelopeEncoding = "base64" | "json" | "text";

export const ENCODING = oneOf("base64", "json", "text");

/** How the bytes of a record stand in an envelope. */
export interface EnvelopeOptions {
  /** @default "text" */
  readonly key?: EnvelopeEncoding;
  /** @default "json" */
  readonly value?: EnvelopeEncoding;
  /** Of the headers' values. @default "text" */
  readonly headers?: EnvelopeEncoding;
}

/** Throws InvalidOutputError where bytes are not what the options call them. */
export function envelopeText(record: ArchiveRecord, options: EnvelopeOptions): string {
  const { value: values = "json" } = options;
  const { value, offset } = record;
  const fields: string[] = [];
  const add = (name: string, text: string | undefined) => {
    if (text !== undefined) {
      fields.push(`"${name}":${text}`);
    }
  };
  for (const field of ["offset", "timestamp", "key"] as const) {
    add(field, fieldText(field, record, options));
  }
  add("value", value === null ? "null" : encode(value, values, { name: "value", offset }));
  add("headers", fieldText("headers", record, options));
  return `{${fields.join(",")}}`;
}

/** Topic and partition are those of the range. */
type OwnField = Exclude<EnvelopeField, "partition" | "topic">;

/** As JSON; undefined where the record has none. Throws InvalidOutputError where bytes are not what the options call them. */
export function fieldText(
  field: OwnField,
  record: ArchiveRecord,
  { key: keys = "text", headers: ofHeaders = "text" }: Pick<EnvelopeOptions, "headers" | "key">,
): string | undefined {
  const { offset, timestamp, timestampType, key, headers } = record;
  const write = (name: string, content: Uint8Array | string | null, encoding: EnvelopeEncoding) =>
    content === null ? "null" : encode(content, encoding, { name, offset });
  switch (field) {
    case "offset":
      return offset?.toString();
    case "timestamp":
      return timestamp?.toString();
    case "timestampType":
      return timestampType === undefined ? undefined : JSON.stringify(timestampType);
    case "key":
      return key === undefined ? undefined : write("key", key, keys);
    case "headers": {
      const written = headers?.map(
        (header) => `{"key":${JSON.stringify(header.key)},"value":${write("headers", header.value, ofHeaders)}}`,
      );
      return written === undefined || written.length === 0 ? undefined : `[${written.join(",")}]`;
    }
  }
}

interface Place {
  readonly name: string;
  readonly offset: bigint | undefined;
}

function encode(content: Uint8Array | string, encoding: EnvelopeEncoding, place: Place): string {
  const bytes = bytesOf(content);
  if (encoding === "base64") {
    return JSON.stringify(bytes.toString("base64"));
  }
  if (!isUtf8(bytes)) {
    throw refusal(place, "is no UTF-8", '"base64"');
  }
  const text = bytes.toString();
  if (encoding === "text") {
    return JSON.stringify(text);
  }
  try {
    JSON.parse(text);
  } catch {
    throw refusal(place, "is no JSON", '"text" or "base64"');
  }
  // A line break is white space there, between tokens.
  return text.replace(/[\r\n]/g, " ");
}

function refusal({ name, offset }: Place, why: string, others: string): InvalidOutputError {
  const where = offset === undefined ? "" : ` at offset ${offset}`;
  return new InvalidOutputError(`the ${name}${where} ${why}: give the envelope ${name}: ${others}`, { outputIndex: 0 });
}
