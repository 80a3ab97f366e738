// Message types: the messages of a .proto file, and how frames number them.

import protobuf from "protobufjs";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import type { MessageChoice, RegisteredSchema } from "../schema-registry.ts";

/** What a file declares at its top, in its order. */
export interface ParsedFile {
  readonly messages: readonly protobuf.Type[];
}

/**
 * What Confluent's registry takes without a reference, of what payloads are made of, and the library does not have: the
 * types of Kafka Connect's converter. https://github.com/googleapis/googleapis/tree/master/google/type
 */
const KNOWN_FILES: ReadonlyMap<string, string> = new Map([
  [
    "confluent/type/decimal.proto",
    'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  ],
  [
    "google/type/date.proto",
    'syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  ],
  [
    "google/type/timeofday.proto",
    'syntax = "proto3"; package google.type; message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  ],
]);

/** Throws what the library does: it is the schema's fault. */
export function parseFile({ text, references }: Pick<RegisteredSchema, "text" | "references">): ParsedFile {
  const root = new protobuf.Root();
  const own = protobuf.parse(text, root, { keepCase: true });
  const namespace = own.package === undefined ? root : root.lookup(own.package);
  // Before others of the same package come beside them.
  const messages = namespace instanceof protobuf.Namespace ? messagesIn(namespace) : [];
  const byName = new Map(references.map((reference) => [reference.name, reference.text]));
  const taken = new Set<string>();
  const wanted = [...(own.imports ?? []), ...(own.weakImports ?? [])];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (taken.has(name)) {
      continue;
    }
    taken.add(name);
    const given = byName.get(name) ?? KNOWN_FILES.get(name);
    if (given !== undefined) {
      const parsed = protobuf.parse(given, root, { keepCase: true });
      wanted.push(...(parsed.imports ?? []), ...(parsed.weakImports ?? []));
      continue;
    }
    const wellKnown = protobuf.common.get(name);
    if (wellKnown?.nested !== undefined) {
      root.addJSON(wellKnown.nested);
    }
    // Else a file of options, which no payload is made of; a type that is missing is named by what follows.
  }
  root.resolveAll();
  return { messages };
}

/** Throws UndecodableError where the file has no such message. */
export function messageOf({ messages }: ParsedFile, choice: MessageChoice): protobuf.Type {
  const found = "path" in choice ? byPath(messages, choice.path) : byOrdinal(messages, choice.ordinal);
  if (found === undefined) {
    const which = "path" in choice ? choice.path.join(".") : String(choice.ordinal);
    throw new UndecodableError(`its frame names the message ${which} of its schema, which has none there`);
  }
  return found;
}

function byPath(
  messages: readonly protobuf.Type[],
  [index = 0, ...path]: readonly number[],
): protobuf.Type | undefined {
  const found = messages[index];
  return found === undefined || path.length === 0 ? found : byPath(messagesIn(found), path);
}

/** Glue counts what Protobuf makes of a map's entries, too. */
function byOrdinal(messages: readonly protobuf.Type[], ordinal: number): protobuf.Type | undefined {
  const named = new Map<string, protobuf.Type | undefined>();
  const add = (type: protobuf.Type) => {
    named.set(type.fullName, type);
    for (const field of type.fieldsArray) {
      if (field instanceof protobuf.MapField) {
        named.set(`${type.fullName}.${entryName(field.name)}`, undefined);
      }
    }
    for (const nested of messagesIn(type)) {
      add(nested);
    }
  };
  for (const message of messages) {
    add(message);
  }
  const names = [...named.keys()].sort((one, other) => (one < other ? -1 : 1));
  return named.get(names[ordinal] ?? "");
}

/** As protoc names it: `line_items` becomes `LineItemsEntry`. */
function entryName(field: string): string {
  const name = field.replace(/(?:^|_)([^_])/g, (_, first: string) => first.toUpperCase());
  return `${name.replaceAll("_", "")}Entry`;
}

function messagesIn(namespace: protobuf.NamespaceBase): readonly protobuf.Type[] {
  return namespace.nestedArray.filter((nested) => nested instanceof protobuf.Type);
}
