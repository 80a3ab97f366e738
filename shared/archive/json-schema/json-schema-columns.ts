// JSON Schema columns
//
// A column for each property that an object's schema names, which is the schema of its first record. Values of others
// are written into the same columns where they fit; a column may always be without a value, since another schema may
// lack the property.

import { inspect } from "node:util";
import { ConfigurationError } from "../../core/errors.ts";
import { oneOf, requireOptions, TEXT } from "../../core/options/require-options.ts";
import { type JsonSchema, openJsonSchema } from "../../schemas/json-schema/open-json-schema.ts";
import type { RegisteredSchema } from "../../schemas/schema-registry.ts";
import { useSchema } from "../../schemas/use-schema.ts";
import { toJsonValue } from "../../schemas/value-json.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusal, requirePayload } from "../format/refuse-record.ts";
import type { SchemaColumn, SchemaColumns, SchemaColumnType } from "../format/schema-columns.ts";
import { dayOf, microsOf } from "../format/time-texts.ts";
import { columnTypeOf, declaredType, isObject, propertiesOf } from "./property-types.ts";

/** How columns are made of JSON with a schema. */
export interface JsonSchemaColumnsOptions {
  /** What `format` makes of texts: columns of times and dates, or none. @default "times" */
  readonly formats?: "text" | "times";
  /** A column for what a value has beside the properties that its object's schema names, as JSON. @default - it is left out */
  readonly rest?: string;
}

interface PropertyColumn extends SchemaColumn {
  /** As the schema says it. */
  readonly declared: string;
}

/**
 * Columns of `parquet({ columns: jsonSchemaColumns() })`: the properties of the schema that the first record of an object
 * has. Throws ConfigurationError for options that are none.
 */
export function jsonSchemaColumns(options: JsonSchemaColumnsOptions = {}): SchemaColumns {
  requireOptions("jsonSchemaColumns", options, { formats: oneOf("times", "text"), rest: TEXT });
  const { formats = "times", rest } = options;
  const known = new WeakMap<RegisteredSchema, readonly PropertyColumn[]>();
  return {
    rowsFor(first) {
      const { schema } = requirePayload(first, "jsonSchema");
      const columns = known.get(schema) ?? useSchema(schema, () => columnsOf(openJsonSchema(schema), formats));
      known.set(schema, columns);
      if (columns.length === 0) {
        throw refusal(
          first,
          "has a schema without properties of an object, of which columns could be made; write it by jsonLines({ line: jsonSchemaLine }), or give parquet columns of your own",
        );
      }
      if (rest === undefined) {
        return { columns, row: (record) => rowOf(record, columns, objectOf(record)) };
      }
      const names = new Set(columns.map(({ name }) => name));
      if (names.has(rest)) {
        throw new ConfigurationError(
          `jsonSchemaColumns has rest: ${JSON.stringify(rest)}, which is a property of the schema, too; give it another name`,
        );
      }
      const restColumn: SchemaColumn = { name: rest, type: { kind: "json" }, isRequired: false };
      return {
        columns: [...columns, restColumn],
        row(record) {
          const value = objectOf(record);
          const others = Object.entries(value).filter(([name]) => !names.has(name));
          const row = rowOf(record, columns, value);
          return { ...row, [rest]: others.length === 0 ? null : jsonText(Object.fromEntries(others)) };
        },
      };
    },
  };
}

function columnsOf(schema: JsonSchema, formats: "text" | "times"): readonly PropertyColumn[] {
  return [...propertiesOf(schema)].map(([name, place]) => {
    const type = columnTypeOf(place, schema.resolve);
    const isTime = type.kind === "timestamp" || type.kind === "date";
    return {
      ...{ name, isRequired: false, declared: declaredType(place) },
      type: isTime && formats === "text" ? { kind: "string" } : type,
    };
  });
}

function objectOf(record: ArchiveRecord): Readonly<Record<string, unknown>> {
  const { decoded } = requirePayload(record, "jsonSchema");
  if (!isObject(decoded)) {
    throw refusal(
      record,
      "is no JSON object, and its object has columns; write it by jsonLines({ line: jsonSchemaLine })",
    );
  }
  return decoded;
}

function rowOf(
  record: ArchiveRecord,
  columns: readonly PropertyColumn[],
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  // Without what every object has, as __proto__, which is a name like others here.
  const row = Object.create(null) as Record<string, unknown>;
  for (const { name, type, declared } of columns) {
    const given = Object.hasOwn(value, name) ? value[name] : null;
    const field = given == null ? null : fieldOf(type, given);
    if (field === undefined) {
      throw refusal(
        record,
        `has in ${name} (${declared}) ${shown(given)}, which ${WHY[type.kind] ?? "it does not take"}`,
      );
    }
    row[name] = field;
  }
  return row;
}

const OTHER =
  "is none of that type, by which its object's first record has the column; write records of such schemas by jsonLines({ line: jsonSchemaLine })";
const NO_TIME = 'is no such text; give jsonSchemaColumns formats: "text", or mend the code that writes it';

const WHY: Readonly<Record<string, string>> = {
  ...{ boolean: OTHER, double: OTHER, string: OTHER },
  ...{ timestamp: NO_TIME, date: NO_TIME },
  int64: "is no whole number of 64 bits; write records of such by jsonLines({ line: jsonSchemaLine })",
};

/** As the column takes it; undefined for what it does not. */
function fieldOf({ kind }: SchemaColumnType, value: unknown): unknown {
  switch (kind) {
    case "json":
      return jsonText(value);
    case "int64":
      return int64Of(value);
    case "double":
      return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
    case "timestamp":
      return typeof value === "string" ? microsOf(value) : undefined;
    case "date":
      return typeof value === "string" ? dayOf(value) : undefined;
    default:
      return typeof value === kind ? value : undefined;
  }
}

function int64Of(value: unknown): bigint | undefined {
  const whole = typeof value === "bigint" || Number.isInteger(value) ? BigInt(value as bigint | number) : undefined;
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

function jsonText(value: unknown): string {
  return JSON.stringify(toJsonValue(value));
}

function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 100);
}
