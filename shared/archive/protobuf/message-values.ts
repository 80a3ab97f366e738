// Message values
//
// What fields of a message are, as JSON has them: with the names of the .proto file, integers of 64 bits as bigints,
// and the types of google.protobuf as Protobuf's own mapping has them. The result is for `toJsonValue`.

import protobuf from "protobufjs";
import { bigintOf } from "./long-values.ts";
import { durationText, timestampText } from "./well-known-values.ts";

export type Read = (value: unknown) => unknown;

/** Of one value: an item where the field is repeated, a map's value where it is a map. */
export function valueReader(field: protobuf.Field): Read {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) {
    const names = resolvedType.valuesById;
    // One that was added since has no name here.
    return (number) => names[number as number] ?? number;
  }
  return resolvedType instanceof protobuf.Type ? messageReader(resolvedType) : scalarReader(field.type);
}

/** Of all that the field has. */
export function fieldReader(field: protobuf.Field): Read {
  const read = valueReader(field);
  if (field instanceof protobuf.MapField) {
    const keyOf = keyReader(field.keyType);
    return (entries) =>
      Object.fromEntries(Object.entries(entries as object).map(([key, value]) => [keyOf(key), read(value)]));
  }
  return field.repeated ? (items) => (items as readonly unknown[]).map(read) : read;
}

/** Whether a message may be without the field, as no default says. */
export function mayBeAbsent(field: protobuf.Field): boolean {
  const isMessage = field.resolvedType instanceof protobuf.Type;
  // For a member of a oneof the library answers that oneof.
  return !field.repeated && !field.map && !field.required && (isMessage || Boolean(field.hasPresence));
}

/** What the message has, else the default; undefined where neither is. */
export function givenOf(message: object, field: protobuf.Field): unknown {
  const value = (message as Readonly<Record<string, unknown>>)[field.name]; // The library's messages have it so.
  return value == null || (mayBeAbsent(field) && !Object.hasOwn(message, field.name)) ? undefined : value;
}

const known = new WeakMap<protobuf.Type, Read>();

/** A message that is not set is left out, and so is a field that may be absent. */
export function messageReader(type: protobuf.Type): Read {
  const before = known.get(type);
  if (before !== undefined) {
    return before;
  }
  let read: Read | undefined;
  // A message may have itself in it.
  known.set(type, (message) => read?.(message));
  read = wellKnownReader(type) ?? ownReader(type);
  known.set(type, read);
  return read;
}

function ownReader(type: protobuf.Type): Read {
  const fields = type.fieldsArray.map((field) => ({ field, read: fieldReader(field) }));
  return (message) => {
    const entries: [string, unknown][] = [];
    for (const { field, read } of fields) {
      const value = givenOf(message as object, field);
      if (value !== undefined) {
        entries.push([field.name, read(value)]);
      }
    }
    return Object.fromEntries(entries);
  };
}

/** What Protobuf's mapping has a form of its own for. */
function wellKnownReader(type: protobuf.Type): Read | undefined {
  switch (type.fullName) {
    case ".google.protobuf.Timestamp":
      return timestampText;
    case ".google.protobuf.Duration":
      return durationText;
    case ".google.protobuf.Struct":
    case ".google.protobuf.ListValue":
      return onlyField(type);
    case ".google.protobuf.Value":
      return anyValueReader(type);
    default:
      return isWrapper(type) ? onlyField(type) : undefined;
  }
}

const WRAPPER = /^\.google\.protobuf\.(?:Double|Float|U?Int(?:32|64)|Bool|String|Bytes)Value$/;

export function isWrapper({ fullName }: protobuf.Type): boolean {
  return WRAPPER.test(fullName);
}

/** Of a message of one field: a wrapper's value, a structure's fields, a list's items. */
function onlyField(type: protobuf.Type): Read {
  const field = firstField(type);
  const read = fieldReader(field);
  return (message) => read((message as Readonly<Record<string, unknown>>)[field.name]);
}

export function firstField({ fieldsArray, fullName }: protobuf.Type): protobuf.Field {
  const [field] = fieldsArray;
  if (field === undefined) {
    throw new TypeError(`${fullName.slice(1)} has no field`);
  }
  return field;
}

/** The number by which google.protobuf.Value has null. */
const NULL_VALUE_ID = 1;

function anyValueReader({ fieldsArray }: protobuf.Type): Read {
  const kinds = fieldsArray.map((field) => ({ field, read: valueReader(field) }));
  return (message) => {
    const kind = kinds.find(({ field }) => givenOf(message as object, field) !== undefined);
    if (kind === undefined || kind.field.id === NULL_VALUE_ID) {
      return null;
    }
    return kind.read(givenOf(message as object, kind.field));
  };
}

const UNSIGNED = new Set(["fixed64", "uint64"]);
const LONGS = new Set([...UNSIGNED, "int64", "sfixed64", "sint64"]);

function scalarReader(type: string): Read {
  if (LONGS.has(type)) {
    return UNSIGNED.has(type) ? (value) => BigInt.asUintN(64, bigintOf(value)) : bigintOf;
  }
  // An empty one is a list in some of the library's defaults.
  return type === "bytes" ? (value) => Buffer.from(value as Uint8Array) : (value) => value;
}

/** The library keeps keys of 64 bits as their bytes. */
function keyReader(type: string): (key: string) => string {
  if (!LONGS.has(type)) {
    return (key) => key;
  }
  const read = scalarReader(type);
  return (key) => String(read(protobuf.util.longFromHash(key)));
}
