// Record columns: columns of a record itself, beside those of its value.

import { isUtf8 } from "node:buffer";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import {
  type EnvelopeField,
  type EnvelopeFields,
  type EnvelopeFieldsOptions,
  envelopeFieldsOf,
} from "../format/envelope-fields.ts";
import { refusal } from "../format/refuse-record.ts";
import type { ColumnField } from "./chunks/row-group.ts";
import { COLUMN_TYPES, type ColumnTypeRules } from "./column-types.ts";
import { BYTES_AS, type BytesAs, HEADER_ELEMENTS, keptHeaders } from "./envelope-columns.ts";
import type { RecordColumn } from "./row-columns.ts";

/** How columns of a record itself are named and declared. */
export interface RecordColumnsOptions extends EnvelopeFieldsOptions {
  /** How keys are declared: text has to be UTF-8. @default "bytes" */
  readonly key?: BytesAs;
}

/** None where none are asked for. Throws ConfigurationError. */
export function recordColumns(given: EnvelopeFields<RecordColumnsOptions> | undefined): readonly RecordColumn[] {
  if (given === undefined) {
    return [];
  }
  const { named, key = "bytes" } = envelopeFieldsOf<RecordColumnsOptions>(given, { key: BYTES_AS });
  return named.map(({ field, name }) => ({ field, name, ...columnOf(field, key) }));
}

const HEADERS: ColumnTypeRules = {
  element: { converted_type: "LIST", num_children: 1 },
  children: HEADER_ELEMENTS,
  takes: "headers",
  fieldOf: (value) => value as ColumnField, // Its column's own.
  hasBounds: false,
  hasDictionary: false,
};

/** What code has made may lack all but its place. */
function columnOf(field: EnvelopeField, key: BytesAs): Omit<RecordColumn, "field" | "name"> {
  switch (field) {
    case "topic":
      return { rules: COLUMN_TYPES.string, isRequired: true, of: (_, { topic }) => topic };
    case "partition":
      return { rules: COLUMN_TYPES.int32, isRequired: true, of: (_, { partition }) => partition };
    case "offset":
      return { rules: COLUMN_TYPES.int64, isRequired: false, of: ({ offset }) => offset };
    case "timestamp":
      // A record's is of 64 bits, as the column is; no calendar has all of them.
      return {
        rules: { ...COLUMN_TYPES.int64, element: COLUMN_TYPES.timestamp.element },
        isRequired: false,
        of: ({ timestamp }) => timestamp,
      };
    case "timestampType":
      return { rules: COLUMN_TYPES.string, isRequired: false, of: ({ timestampType }) => timestampType };
    case "key":
      return {
        rules: key === "text" ? COLUMN_TYPES.string : COLUMN_TYPES.bytes,
        isRequired: false,
        of: (record) => keyOf(record, key),
      };
    case "headers":
      return { rules: HEADERS, isRequired: false, of: ({ headers }) => keptHeaders(headers) };
  }
}

function keyOf(record: ArchiveRecord, as: BytesAs): Uint8Array | string | null {
  if (record.key == null) {
    return null;
  }
  const bytes = bytesOf(record.key);
  if (as === "text" && !isUtf8(bytes)) {
    throw refusal(record, 'has a key that is no UTF-8: give the envelope key: "bytes"');
  }
  return as === "text" ? bytes.toString() : bytes;
}
