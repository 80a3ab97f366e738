import { quote } from "../../core/bounded-text.ts";
import { SchemaRegistryError, UndecodableError } from "../../core/decode/decode-errors.ts";
import { MAX_REFERENCES, MAX_SCHEMA_LENGTH } from "../limits.ts";
import { SchemaCache } from "../schema-cache.ts";
import type { ReferredSchema, RegisteredSchema, SchemaFormat, SchemaRegistry } from "../schema-registry.ts";
import { PATIENCE, withPatience } from "../unknown-schemas.ts";
import { unusable } from "../use-schema.ts";
import { readConfluentFrame } from "./confluent-frame.ts";
import { createGuidRoute } from "./guid-route.ts";
import { type AskRegistry, createRegistryCalls, fieldOf, type RegistryAccess } from "./registry-calls.ts";

/** A schema as a registry answers it. */
interface SchemaAnswer {
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references: readonly Reference[];
}

interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** Confluent's, and what has its API: Apicurio's ccompat, Karapace, Redpanda. */
export function createConfluentRegistry(access: RegistryAccess): SchemaRegistry {
  const { patience = PATIENCE } = access;
  const ask = createRegistryCalls(access);
  const askForGuid = createGuidRoute(ask, patience);
  const registry = `schema registry ${access.urls.map(({ origin, pathname }) => `${origin}${pathname}`).join(", ")}`;
  const fetchPatiently = withPatience(async (id) => {
    const answer = await (id.includes("-") ? askForGuid(id) : ask(`/schemas/ids/${id}`));
    return wholeOf(ask, answer, `schema ${id} of ${registry}`);
  }, patience);
  const schemas = new SchemaCache(fetchPatiently, patience.now);
  return { unframe: readConfluentFrame, fetchSchema: async (id) => schemas.get(id) };
}

async function wholeOf(ask: AskRegistry, answer: unknown, origin: string): Promise<RegisteredSchema> {
  const { format, text, references } = decodeSchemaAnswer(answer, origin);
  const found = new Map<string, ReferredSchema>();
  await addReferences({ ask, origin, found, seen: new Set() }, references);
  return { format, text, references: [...found.values()], origin };
}

interface Gathering {
  readonly ask: AskRegistry;
  /** Of the schema that has them, directly or not. */
  readonly origin: string;
  /** By name, each after those that it refers to. */
  readonly found: Map<string, ReferredSchema>;
  readonly seen: Set<string>;
}

async function addReferences(gathering: Gathering, references: readonly Reference[]): Promise<void> {
  const { origin, found, seen } = gathering;
  for (const reference of references) {
    const { name } = reference;
    if (seen.has(name)) {
      continue;
    }
    seen.add(name);
    if (seen.size > MAX_REFERENCES) {
      throw unusable(origin, `it refers to more than ${MAX_REFERENCES} others`);
    }
    const answer = await fetchReferred(gathering, reference);
    await addReferences(gathering, answer.references);
    found.set(name, { name, text: answer.text });
  }
}

/** What is wrong with it is wrong with the schema that has it, and with no record. */
async function fetchReferred({ ask, origin }: Gathering, { name, subject, version }: Reference): Promise<SchemaAnswer> {
  try {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return decodeSchemaAnswer(await ask(path), `version ${version} of ${subject}, to which ${origin} refers,`);
  } catch (cause) {
    if (cause instanceof UndecodableError) {
      const what = `it refers to ${quote(name)}, version ${version} of ${quote(subject)}`;
      throw unusable(origin, `${what}: ${cause.message}`, cause);
    }
    throw cause;
  }
}

/** Throws SchemaRegistryError for an answer that no registry gives, UndecodableError for a format that is not taken. */
export function decodeSchemaAnswer(answer: unknown, origin: string): SchemaAnswer {
  const text = fieldOf(answer, "schema");
  if (typeof text !== "string") {
    throw new SchemaRegistryError(
      `a schema registry answered without a schema (${quote(text)}): is it the address of a Confluent-compatible API?`,
    );
  }
  if (text.length > MAX_SCHEMA_LENGTH) {
    throw unusable(origin, `it has ${text.length} characters; at most ${MAX_SCHEMA_LENGTH} are taken`);
  }
  const format = fieldOf(answer, "schemaType") ?? "AVRO";
  if (format !== "AVRO" && format !== "JSON" && format !== "PROTOBUF") {
    throw new UndecodableError(`its schema's type is ${quote(format)}; expected AVRO, JSON or PROTOBUF`);
  }
  const references = fieldOf(answer, "references") ?? [];
  if (!Array.isArray(references)) {
    throw new SchemaRegistryError(`a schema registry answered references that are none: ${quote(references)}`);
  }
  return { format, text, references: references.map(readReference) };
}

function readReference(reference: unknown): Reference {
  const name = fieldOf(reference, "name");
  const subject = fieldOf(reference, "subject");
  const version = fieldOf(reference, "version");
  if (typeof name !== "string" || typeof subject !== "string" || !Number.isInteger(version)) {
    throw new SchemaRegistryError(`a schema registry answered a reference that is none: ${quote(reference)}`);
  }
  return { name, subject, version: version as number }; // An integer, as was just seen.
}
