// Lenient schema
//
// A schema as Java's library takes it, made one that avsc takes as well. What is written with a
// schema does not change by it.
//
//   LSC1  A namespace may have any signs, as Debezium's do where a topic's prefix has a hyphen: `_` stands for those that
//         a name may not have. Names that are none stay, and are refused.
//   LSC2  What a writer's schema has as defaults is nothing that its records need.

export interface LenientRules {
  /** Of a reader's schema. */
  readonly keepsDefaults: boolean;
}

/** Of a schema that is parsed. */
export function lenientSchema(schema: unknown, rules: LenientRules): unknown {
  if (typeof schema === "string") {
    return lenientName(schema);
  }
  if (Array.isArray(schema)) {
    return schema.map((branch) => lenientSchema(branch, rules));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema; // Refused by the library, with its place.
  }
  return Object.fromEntries(Object.entries(schema).map(([name, given]) => [name, lenientPart(name, given, rules)]));
}

function lenientPart(name: string, given: unknown, rules: LenientRules): unknown {
  switch (name) {
    case "name":
      return typeof given === "string" ? lenientName(given) : given;
    case "namespace":
      return typeof given === "string" ? lenientNamespace(given) : given;
    case "aliases":
      return Array.isArray(given) ? given.map((alias) => lenientPart("name", alias, rules)) : given;
    case "type":
    case "items":
    case "values":
      return lenientSchema(given, rules);
    case "fields":
      return Array.isArray(given) ? given.map((field) => lenientField(field, rules)) : given;
    default:
      return given;
  }
}

function lenientField(field: unknown, rules: LenientRules): unknown {
  if (typeof field !== "object" || field === null || !("type" in field)) {
    return field;
  }
  const { default: _, ...others } = field as Readonly<Record<string, unknown>>; // Any object's.
  return { ...(rules.keepsDefaults ? field : others), type: lenientSchema(field.type, rules) };
}

function lenientName(name: string): string {
  const lastDot = name.lastIndexOf(".");
  return `${lenientNamespace(name.slice(0, lastDot + 1))}${name.slice(lastDot + 1)}`;
}

function lenientNamespace(namespace: string): string {
  return namespace.replace(/[^\w.]/g, "_").replace(/(^|\.)(?=\d)/g, "$1_");
}
