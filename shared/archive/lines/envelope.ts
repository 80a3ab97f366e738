// Envelope
//
// A record as one JSON object: {"offset":7,"timestamp":1700000000000,"key":…,"value":…,"headers":[…]}.

import { isUtf8 } from "node:buffer";
import { InvalidOutputError } from "../../core/errors.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";

/** Bytes as they stand in JSON: as a text, as the JSON that they are, or in base64. */
export type EnvelopeEncoding = "base64" | "json" | "text";

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
  const { key: keys = "text", value: values = "json", headers: ofHeaders = "text" } = options;
  const { offset, timestamp, key, value, headers } = record;
  const write = (name: string, content: Uint8Array | string | null | undefined, encoding: EnvelopeEncoding) =>
    content == null ? "null" : encode(content, encoding, { name, offset });
  const fields = [
    ...(offset === undefined ? [] : [`"offset":${offset}`]),
    ...(timestamp === undefined ? [] : [`"timestamp":${timestamp}`]),
    ...(key === undefined ? [] : [`"key":${write("key", key, keys)}`]),
    `"value":${write("value", value, values)}`,
  ];
  if (headers !== undefined && headers.length > 0) {
    const written = headers.map(
      (header) => `{"key":${JSON.stringify(header.key)},"value":${write("headers", header.value, ofHeaders)}}`,
    );
    fields.push(`"headers":[${written.join(",")}]`);
  }
  return `{${fields.join(",")}}`;
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
