// Property types
//
// What a JSON Schema says of the properties of an object, as far as a column can have it. A schema may say less than
// its values are, or nothing: what it leaves open is JSON.

import type { JsonSchema, SchemaPlace } from "../../schemas/json-schema/open-json-schema.ts";
import type { SchemaColumnType } from "../format/schema-columns.ts";

/** Of references and of schemas inside of each other; a deeper one is taken as anything. */
const MAX_SCHEMA_DEPTH = 32;

/** The properties that a schema names, in its order, also by what it refers to and by all of `allOf`. */
export function propertiesOf(schema: JsonSchema): ReadonlyMap<string, SchemaPlace> {
  const found = new Map<string, SchemaPlace>();
  addProperties({ found, resolve: schema.resolve }, schema.root, 0);
  return found;
}

interface Finding {
  readonly found: Map<string, SchemaPlace>;
  readonly resolve: JsonSchema["resolve"];
}

function addProperties(finding: Finding, { schema, document }: SchemaPlace, depth: number): void {
  if (!isObject(schema) || depth > MAX_SCHEMA_DEPTH) {
    return;
  }
  const { properties, allOf, $ref } = schema;
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    if (!finding.found.has(name)) {
      finding.found.set(name, { schema: property, document });
    }
  }
  const referred = typeof $ref === "string" ? finding.resolve($ref, document) : undefined;
  const parts = Array.isArray(allOf) ? allOf.map((part: unknown) => ({ schema: part, document })) : [];
  for (const part of referred === undefined ? parts : [referred, ...parts]) {
    addProperties(finding, part, depth + 1);
  }
}

/** What a column can tell apart; null is a word of its own. */
type Kind = "any" | "boolean" | "date" | "integer" | "null" | "number" | "string" | "timestamp";

const KINDS: Readonly<Partial<Record<string, SchemaColumnType>>> = {
  boolean: { kind: "boolean" },
  date: { kind: "date" },
  integer: { kind: "int64" },
  number: { kind: "double" },
  string: { kind: "string" },
  timestamp: { kind: "timestamp", unit: "MICROS", isUtc: true },
};

/** JSON where the schema does not say, or names several that no column has. */
export function columnTypeOf(place: SchemaPlace, resolve: JsonSchema["resolve"]): SchemaColumnType {
  const kinds = kindsOf(place, resolve, 0);
  kinds.delete("null");
  if (kinds.has("number")) {
    kinds.delete("integer");
  }
  if (kinds.has("string")) {
    kinds.delete("timestamp");
    kinds.delete("date");
  }
  const [only = "any"] = kinds;
  return (kinds.size === 1 ? KINDS[only] : undefined) ?? { kind: "json" };
}

function kindsOf({ schema, document }: SchemaPlace, resolve: JsonSchema["resolve"], depth: number): Set<Kind> {
  if (!isObject(schema) || depth > MAX_SCHEMA_DEPTH) {
    return new Set(["any"]);
  }
  const { type, format, anyOf, oneOf, allOf, $ref } = schema;
  if (type !== undefined) {
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    return new Set(types.map((one) => kindOfType(one, format)));
  }
  const inner = (part: unknown) => kindsOf({ schema: part, document }, resolve, depth + 1);
  if (typeof $ref === "string") {
    const referred = resolve($ref, document);
    return referred === undefined ? new Set(["any"]) : kindsOf(referred, resolve, depth + 1);
  }
  const values = valuesOf(schema);
  if (values !== undefined) {
    return new Set(values.map(kindOfValue));
  }
  const either = [anyOf, oneOf].find((parts) => Array.isArray(parts));
  if (Array.isArray(either)) {
    return new Set(either.flatMap((part: unknown) => [...inner(part)]));
  }
  const parts = Array.isArray(allOf) ? allOf.map(inner) : [];
  // All of them hold, so that any one of them is right.
  return parts.find((kinds) => !kinds.has("any")) ?? new Set(["any"]);
}

function kindOfType(type: unknown, format: unknown): Kind {
  switch (type) {
    case "boolean":
    case "integer":
    case "null":
    case "number":
      return type;
    case "string":
      return format === "date-time" ? "timestamp" : format === "date" ? "date" : "string";
    default:
      return "any";
  }
}

/** Those that a schema allows by themselves. */
function valuesOf(schema: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, "const")) {
    return [schema["const"]];
  }
  return Array.isArray(schema["enum"]) ? schema["enum"] : undefined;
}

function kindOfValue(value: unknown): Kind {
  switch (typeof value) {
    case "boolean":
    case "string":
      return typeof value === "string" ? "string" : "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    default:
      return value === null ? "null" : "any";
  }
}

/** For messages: what the schema says of a property, in its own words. */
export function declaredType({ schema }: SchemaPlace): string {
  if (!isObject(schema)) {
    return String(schema);
  }
  const { type, format, $ref } = schema;
  const said = type === undefined ? ($ref ?? Object.keys(schema).join(", ")) : type;
  const text = typeof said === "string" ? said : JSON.stringify(said);
  return typeof format === "string" ? `${text}, ${format}` : text;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
