// Avro columns
//
// A column for each field of an object's schema, which is the schema of its first record; the
// others are resolved to it.

import type { Type, types } from "avsc";
import { MAX_DECIMAL_SCALE } from "../../schemas/limits.ts";
import { toJsonValue } from "../../schemas/value-json.ts";
import { refusal, requirePayload } from "../format/refuse-record.ts";
import type { SchemaColumn, SchemaColumns, SchemaColumnType } from "../format/schema-columns.ts";
import { NamedType, Resolving, shapeOf } from "./avro-schemas.ts";

/**
 * Columns of `parquet({ columns: avroColumns() })`: those of the schema that the first record of an object has.
 * Records of other schemas are resolved to it by Avro's rules; one that does not resolve is refused.
 */
export function avroColumns(): SchemaColumns {
  return {
    rowsFor(first) {
      const { schema } = requirePayload(first, "avro");
      const shape = shapeOf(schema);
      const fields = shape.typeName === "record" ? (shape as types.RecordType).fields : []; // By its typeName.
      if (fields.length === 0) {
        throw refusal(first, "has a schema that is no record with fields, of which columns could be made");
      }
      const columns = fields.map(({ name, type }) => columnOf(name, type));
      const nested = columns.filter(({ type }) => type.kind === "json").map(({ name }) => name);
      const resolving = new Resolving(schema, {});
      return {
        columns,
        row(record) {
          const row = resolving.read(record) as Record<string, unknown>; // As its schema says.
          for (const name of nested) {
            row[name] = row[name] === null ? null : JSON.stringify(toJsonValue(row[name]));
          }
          return row;
        },
      };
    },
  };
}

function columnOf(name: string, given: Type): SchemaColumn {
  if (!given.typeName.startsWith("union:")) {
    return { name, type: typeOf(given), isRequired: given.typeName !== "null" };
  }
  const branches = (given as types.UnwrappedUnionType).types; // By its typeName.
  const others = branches.filter(({ typeName }) => typeName !== "null");
  const [only] = others;
  const isPlain = others.length === 1 && only !== undefined;
  return { name, type: isPlain ? typeOf(only) : { kind: "json" }, isRequired: others.length === branches.length };
}

const KINDS: Readonly<Record<string, SchemaColumnType>> = {
  ...{ boolean: { kind: "boolean" }, int: { kind: "int32" }, long: { kind: "int64" } },
  ...{ float: { kind: "float" }, double: { kind: "double" } },
  ...{ bytes: { kind: "bytes" }, fixed: { kind: "bytes" }, string: { kind: "string" }, enum: { kind: "string" } },
};

/** With what each of them is made of: a logical type over another is not one of Avro's. */
const LOGICAL_KINDS: Readonly<Record<string, readonly [underlying: string, type: SchemaColumnType]>> = {
  date: ["int", { kind: "date" }],
  "time-millis": ["int", { kind: "time", unit: "MILLIS" }],
  "time-micros": ["long", { kind: "time", unit: "MICROS" }],
  "timestamp-millis": ["long", { kind: "timestamp", unit: "MILLIS", isUtc: true }],
  "timestamp-micros": ["long", { kind: "timestamp", unit: "MICROS", isUtc: true }],
  "timestamp-nanos": ["long", { kind: "timestamp", unit: "NANOS", isUtc: true }],
  "local-timestamp-millis": ["long", { kind: "timestamp", unit: "MILLIS", isUtc: false }],
  "local-timestamp-micros": ["long", { kind: "timestamp", unit: "MICROS", isUtc: false }],
  "local-timestamp-nanos": ["long", { kind: "timestamp", unit: "NANOS", isUtc: false }],
  uuid: ["string", { kind: "uuid" }],
};

function typeOf(type: Type): SchemaColumnType {
  if (!(type instanceof NamedType)) {
    return KINDS[type.typeName] ?? { kind: "json" };
  }
  const { underlyingType, precision, scale } = type;
  const name = type.typeName.slice("logical:".length);
  if (name === "decimal") {
    return decimalOf(precision, scale);
  }
  const [underlying, logical] = LOGICAL_KINDS[name] ?? [];
  return logical !== undefined && underlying === underlyingType.typeName ? logical : typeOf(underlyingType);
}

/** What Parquet has no decimal for is the text that it becomes, or its bytes where it becomes none. */
function decimalOf(precision: unknown, scale: unknown = 0): SchemaColumnType {
  if (typeof scale !== "number" || !Number.isInteger(scale) || scale < 0 || scale > MAX_DECIMAL_SCALE) {
    return { kind: "bytes" };
  }
  const isDecimal = typeof precision === "number" && Number.isInteger(precision) && precision > 0 && scale <= precision;
  return isDecimal ? { kind: "decimal", precision, scale } : { kind: "string" };
}
