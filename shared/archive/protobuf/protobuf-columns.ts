// Protobuf columns
//
// A column for each field of an object's message, which is that of its first record; the others are resolved to it.

import protobuf from "protobufjs";
import { oneOf, requireOptions } from "../../core/options/require-options.ts";
import { useSchema } from "../../schemas/use-schema.ts";
import { toJsonValue } from "../../schemas/value-json.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusal, refusing, requirePayload } from "../format/refuse-record.ts";
import type { SchemaColumn, SchemaColumns, SchemaColumnType } from "../format/schema-columns.ts";
import { declaredType, MessageResolving, messageTypeOf, nameOf } from "./message-resolving.ts";
import {
  fieldReader,
  firstField,
  givenOf,
  isWrapper,
  mayBeAbsent,
  messageReader,
  type Read,
  valueReader,
} from "./message-values.ts";
import { dateText, decimalText, durationText, timestampNumber } from "./well-known-values.ts";

/** How columns are made of messages. */
export interface ProtobufColumnsOptions {
  /**
   * What the columns of google.protobuf.Timestamp count: "micros" and "millis" cut off what is smaller, which many query
   * engines do not read; "nanos" keeps all of it, and refuses what is not in the years 1678 to 2261. @default "micros"
   */
  readonly timestamps?: "micros" | "millis" | "nanos";
}

const DAY_MS = 86_400_000;
const UNITS = { micros: "MICROS", millis: "MILLIS", nanos: "NANOS" } as const;

interface MessageColumn extends SchemaColumn {
  readonly field: protobuf.Field;
  readonly read: Read;
}

/**
 * Columns of `parquet({ columns: protobufColumns() })`: those of the message that the first record of an object has.
 * Others are resolved to it by their fields' numbers; one that does not resolve is refused. Throws ConfigurationError
 * for options that are none.
 */
export function protobufColumns(options: ProtobufColumnsOptions = {}): SchemaColumns {
  requireOptions("protobufColumns", options, { timestamps: oneOf(...Object.keys(UNITS)) });
  const unit = UNITS[options.timestamps ?? "micros"];
  return {
    rowsFor(first) {
      const type = messageTypeOf(first);
      const { schema } = requirePayload(first, "protobuf");
      const columns = useSchema(schema, () => type.fieldsArray.map((field) => columnOf(field, unit)));
      if (columns.length === 0) {
        throw refusal(
          first,
          `has the message ${nameOf(type)}, without a field of which columns could be made; write it by jsonLines({ line: protobufLine })`,
        );
      }
      const resolving = new MessageResolving(type);
      return { columns, row: (record) => rowOf(record, columns, resolving.read(record)) };
    },
  };
}

function rowOf(
  record: ArchiveRecord,
  columns: readonly MessageColumn[],
  message: object,
): Readonly<Record<string, unknown>> {
  // Without what every object has: a field may have its name.
  const row = Object.create(null) as Record<string, unknown>;
  for (const { name, field, read } of columns) {
    const value = givenOf(message, field);
    row[name] =
      value === undefined ? null : refusing(record, `has in ${name} (${declaredType(field)})`, () => read(value));
  }
  return row;
}

function columnOf(field: protobuf.Field, unit: "MICROS" | "MILLIS" | "NANOS"): MessageColumn {
  const common = { name: field.name, field, isRequired: !mayBeAbsent(field) };
  if (field.repeated || field.map) {
    return { ...common, ...jsonColumn(fieldReader(field)) };
  }
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) {
    return { ...common, ...messageColumn(resolvedType, unit) };
  }
  return { ...common, ...scalarColumn(field) };
}

type ColumnKind = Pick<MessageColumn, "read" | "type">;

function messageColumn(type: protobuf.Type, unit: "MICROS" | "MILLIS" | "NANOS"): ColumnKind {
  switch (type.fullName) {
    case ".google.protobuf.Timestamp":
      return {
        type: { kind: "timestamp", unit, isUtc: true },
        read: (message) => timestampNumber(message, unit),
      };
    case ".google.protobuf.Duration":
      return { type: { kind: "string" }, read: durationText };
    case ".google.type.Date":
      return { type: { kind: "date" }, read: (message) => Date.parse(dateText(message)) / DAY_MS };
    case ".confluent.type.Decimal":
      return { type: { kind: "string" }, read: decimalText };
    default:
      break;
  }
  if (isWrapper(type)) {
    const value = firstField(type);
    const { type: inner, read } = scalarColumn(value);
    // Its default is there where it is not set.
    return { type: inner, read: (message) => read((message as Readonly<Record<string, unknown>>)[value.name]) };
  }
  return jsonColumn(messageReader(type));
}

const INT64: SchemaColumnType = { kind: "int64" };
const INT32: SchemaColumnType = { kind: "int32" };
/** Most query engines have no whole numbers of 64 bits without a sign. */
const UINT64: SchemaColumnType = { kind: "decimal", precision: 20, scale: 0 };

const SCALARS: Readonly<Record<string, SchemaColumnType>> = {
  ...{ bool: { kind: "boolean" }, double: { kind: "double" }, float: { kind: "float" } },
  ...{ string: { kind: "string" }, bytes: { kind: "bytes" } },
  ...{ int32: INT32, sint32: INT32, sfixed32: INT32, uint32: INT64, fixed32: INT64 },
  ...{ int64: INT64, sint64: INT64, sfixed64: INT64, uint64: UINT64, fixed64: UINT64 },
};

function scalarColumn(field: protobuf.Field): ColumnKind {
  const read = valueReader(field);
  const type = field.resolvedType === null ? SCALARS[field.type] : undefined;
  if (type === undefined) {
    return { type: { kind: "string" }, read: (value) => String(read(value)) };
  }
  return { type, read: type === UINT64 ? (value) => String(read(value)) : read };
}

function jsonColumn(read: Read): ColumnKind {
  return { type: { kind: "json" }, read: (value) => JSON.stringify(toJsonValue(read(value))) };
}
