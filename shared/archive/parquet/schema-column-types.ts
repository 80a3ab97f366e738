// Schema column types: how Parquet has what a schema says of a column.

import type { ArchiveRecord } from "../format/archive-record.ts";
import type { SchemaColumn, SchemaColumns, SchemaColumnType } from "../format/schema-columns.ts";
import { COLUMN_TYPES, type ColumnElement, type ColumnTypeRules } from "./column-types.ts";
import type { ParquetColumns } from "./parquet-columns.ts";
import { type RecordColumn, rowColumns } from "./row-columns.ts";

/** Throws InvalidOutputError for a record that has no schema of columns, ConfigurationError for columns that have one name. */
export function schemaColumns(
  given: SchemaColumns,
  first: ArchiveRecord,
  ofRecord: readonly RecordColumn[],
): ParquetColumns {
  const { columns, row } = given.rowsFor(first);
  const declared = columns.map(({ name, type, isRequired }: SchemaColumn) => ({
    name,
    rules: rulesOf(type),
    isRequired,
  }));
  return rowColumns({ columns: declared, row, ofRecord, whose: "the schema of its object" });
}

function rulesOf(type: SchemaColumnType): ColumnTypeRules {
  switch (type.kind) {
    case "date":
      return { ...COLUMN_TYPES.int32, element: COLUMN_TYPES.date.element };
    case "decimal":
      return decimalRules(type);
    case "float":
      return { ...COLUMN_TYPES.double, element: { type: "FLOAT" } };
    case "json":
      // It is text already.
      return { ...COLUMN_TYPES.string, element: COLUMN_TYPES.json.element, hasDictionary: false };
    case "time":
      return timeRules(type.unit);
    case "timestamp":
      return { ...COLUMN_TYPES.int64, element: timestampElement(type) };
    case "uuid":
      return UUID;
    default:
      return COLUMN_TYPES[type.kind];
  }
}

/** Of a fixed length: a decimal of 0 would have no bytes otherwise, and not every reader takes that. */
function decimalRules({ precision, scale }: { readonly precision: number; readonly scale: number }): ColumnTypeRules {
  const above = 10n ** BigInt(precision);
  const bytes = Math.ceil((above.toString(2).length + 1) / 8);
  return {
    element: {
      ...{ type: "FIXED_LEN_BYTE_ARRAY", type_length: bytes },
      ...{ converted_type: "DECIMAL", logical_type: { type: "DECIMAL", precision, scale }, precision, scale },
    },
    takes: `a decimal of at most ${precision} digits, ${scale} of them behind the point`,
    fieldOf: (value) => {
      const units = typeof value === "string" ? BigInt(value.replace(".", "")) : above;
      return units < above && units > -above ? bytesOf(units, bytes) : undefined;
    },
    hasBounds: false,
    hasDictionary: false,
  };
}

/** Big-endian, of two's complement. */
function bytesOf(units: bigint, length: number): Buffer {
  const hex = BigInt.asUintN(8 * length, units).toString(16);
  return Buffer.from(hex.padStart(2 * length, "0"), "hex");
}

function timeRules(unit: "MICROS" | "MILLIS"): ColumnTypeRules {
  const logical_type = { type: "TIME", isAdjustedToUTC: true, unit } as const;
  return unit === "MILLIS"
    ? { ...COLUMN_TYPES.int32, element: { type: "INT32", converted_type: "TIME_MILLIS", logical_type } }
    : { ...COLUMN_TYPES.int64, element: { type: "INT64", converted_type: "TIME_MICROS", logical_type } };
}

function timestampElement({ unit, isUtc }: Extract<SchemaColumnType, { kind: "timestamp" }>): ColumnElement {
  const logical_type = { type: "TIMESTAMP", isAdjustedToUTC: isUtc, unit } as const;
  // The older marks mean UTC, and know no nanoseconds.
  return isUtc && unit !== "NANOS"
    ? { type: "INT64", converted_type: `TIMESTAMP_${unit}`, logical_type }
    : { type: "INT64", logical_type };
}

const UUID: ColumnTypeRules = {
  element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
  takes: "a UUID",
  fieldOf: (value) =>
    typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
      ? Buffer.from(value.replaceAll("-", ""), "hex")
      : undefined,
  hasBounds: false,
  hasDictionary: false,
};
