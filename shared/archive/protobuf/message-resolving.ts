// Message resolving
//
// Reads messages by the type that an object's first record has. Fields go by their numbers: one that the other type
// lacks has its default or is absent, one that only the other type has is left out.

import protobuf from "protobufjs";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusal, refusing, requirePayload } from "../format/refuse-record.ts";

/** The type of a record's message. Throws InvalidOutputError for a record without one. */
export function messageTypeOf(record: ArchiveRecord): protobuf.Type {
  return messageOf(record).$type;
}

export class MessageResolving {
  readonly #type: protobuf.Type;
  /** Undefined for types that can be read by this one; else why they cannot. */
  readonly #known = new WeakMap<protobuf.Type, string | undefined>();

  constructor(type: protobuf.Type) {
    this.#type = type;
    this.#known.set(type, undefined);
  }

  /** Throws InvalidOutputError for a message of a type that cannot be read by this one. */
  read(record: ArchiveRecord): object {
    const message = messageOf(record);
    const { $type } = message;
    if ($type === this.#type) {
      return message;
    }
    if (!this.#known.has($type)) {
      this.#known.set($type, differenceOf(this.#type, $type, new Set()));
    }
    const why = this.#known.get($type);
    if (why !== undefined) {
      throw refusal(
        record,
        `has a schema that does not resolve to that of its object, which is the first record's: ${why}; write records of such schemas by jsonLines({ line: protobufLine })`,
      );
    }
    const { payload } = requirePayload(record, "protobuf");
    return refusing(record, "cannot be read by its object's schema", () => this.#type.decode(payload));
  }
}

function messageOf(record: ArchiveRecord): protobuf.Message {
  const { decoded } = requirePayload(record, "protobuf");
  if (!(decoded instanceof protobuf.Message)) {
    throw refusal(record, "has in its field protobuf what protobufPayload has not made");
  }
  return decoded;
}

/** What a reader takes beside its own type, since the bytes are the same: types that lose nothing. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  int64: ["int32", "uint32"],
  sint64: ["sint32"],
  uint64: ["uint32"],
  bytes: ["string"],
};

function differenceOf(reader: protobuf.Type, writer: protobuf.Type, seen: Set<string>): string | undefined {
  if (reader.fullName !== writer.fullName) {
    return `it is a ${nameOf(writer)}, and its object's a ${nameOf(reader)}`;
  }
  if (seen.has(reader.fullName)) {
    return undefined;
  }
  seen.add(reader.fullName);
  for (const field of reader.fieldsArray) {
    const other = writer.fieldsById[field.id];
    const why = other === undefined ? missing(field) : fieldDifference(field, other, seen);
    if (why !== undefined) {
      return why;
    }
  }
  return undefined;
}

function missing(field: protobuf.Field): string | undefined {
  return field.required ? `${placeOf(field)} is required, and it has none` : undefined;
}

function fieldDifference(field: protobuf.Field, other: protobuf.Field, seen: Set<string>): string | undefined {
  const { resolvedType: own } = field.resolve();
  const { resolvedType: others } = other.resolve();
  if (own instanceof protobuf.Type && others instanceof protobuf.Type && shapeOf(field) === shapeOf(other)) {
    return differenceOf(own, others, seen);
  }
  const areEnums = own instanceof protobuf.Enum && others instanceof protobuf.Enum;
  const isRead = areEnums || (own === null && others === null && isScalarRead(field.type, other.type));
  return isRead && shapeOf(field) === shapeOf(other)
    ? undefined
    : `${placeOf(field)} is ${declaredType(field)}, and its own ${declaredType(other)}`;
}

function isScalarRead(type: string, other: string): boolean {
  return type === other || (WIDER[type] ?? []).includes(other);
}

function placeOf({ name, id, parent }: protobuf.Field): string {
  return `${parent === null ? "" : `${nameOf(parent)}.`}${name} (${id})`;
}

/** One value, several, or a map by keys of a type. */
function shapeOf(field: protobuf.Field): string {
  return field instanceof protobuf.MapField ? `map<${field.keyType}>` : field.repeated ? "repeated" : "";
}

/** As a .proto file has it. */
export function declaredType(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) {
    return `map<${field.keyType}, ${field.type}>`;
  }
  return field.repeated ? `repeated ${field.type}` : field.type;
}

export function nameOf({ fullName }: { readonly fullName: string }): string {
  return fullName.replace(/^\./, "");
}
