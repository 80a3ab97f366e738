import { AwsCallError } from "../../aws/aws-call-error.ts";
import { type AwsAccess, createAwsClient } from "../../aws/aws-client.ts";
import { createJsonCalls } from "../../aws/json-calls.ts";
import { quote } from "../../core/bounded-text.ts";
import { SchemaRegistryError, UndecodableError } from "../../core/decode/decode-errors.ts";
import {
  MAX_SCHEMA_LENGTH,
  REGISTRY_ANSWER_TIMEOUT_MS,
  REGISTRY_CONNECT_TIMEOUT_MS,
  REGISTRY_MAX_SOCKETS,
  REGISTRY_MAX_TRIES,
} from "../limits.ts";
import { SchemaCache } from "../schema-cache.ts";
import type { RegisteredSchema, SchemaRegistry } from "../schema-registry.ts";
import { PATIENCE, type Patience, UnknownSchemaError, withPatience } from "../unknown-schemas.ts";
import { unusable } from "../use-schema.ts";
import { readGlueFrame } from "./glue-frame.ts";

/** AWS Glue Schema Registry. The function needs `glue:GetSchemaVersion`. Nothing is read before the first schema is needed. */
export function createGlueRegistry(accessOf: () => AwsAccess, patience: Patience = PATIENCE): SchemaRegistry {
  let ask: ReturnType<typeof createJsonCalls> | undefined;
  const fetchPatiently = withPatience(async (id) => {
    ask ??= openCalls(accessOf());
    return decodeSchemaVersion(await getSchemaVersion(ask, id), `schema version ${id} of AWS Glue`);
  }, patience);
  const schemas = new SchemaCache(fetchPatiently, patience.now);
  return { unframe: (bytes, _, format) => readGlueFrame(bytes, format), fetchSchema: async (id) => schemas.get(id) };
}

function openCalls(access: AwsAccess) {
  const client = createAwsClient({
    ...access,
    service: "glue",
    timeouts: { connectMs: REGISTRY_CONNECT_TIMEOUT_MS, requestMs: REGISTRY_ANSWER_TIMEOUT_MS },
    maxTries: REGISTRY_MAX_TRIES,
    maxSockets: REGISTRY_MAX_SOCKETS,
  });
  return createJsonCalls(client, { target: "AWSGlue", version: "1.1" });
}

async function getSchemaVersion(ask: ReturnType<typeof createJsonCalls>, id: string): Promise<unknown> {
  try {
    return await ask("GetSchemaVersion", { SchemaVersionId: id });
  } catch (cause) {
    if (!(cause instanceof AwsCallError)) {
      throw cause;
    }
    if (cause.name === "EntityNotFoundException") {
      throw new UnknownSchemaError(`AWS Glue has no schema version ${id}`, { cause });
    }
    throw new SchemaRegistryError(`AWS Glue gave no schema version ${id}: ${cause.name}: ${cause.message}`, { cause });
  }
}

/** Throws SchemaRegistryError for an answer that Glue does not give, UndecodableError for a format that is not taken. */
export function decodeSchemaVersion(answer: unknown, origin: string): RegisteredSchema {
  const { SchemaDefinition: text, DataFormat: format } = (
    typeof answer === "object" && answer !== null ? answer : {}
  ) as Readonly<Record<string, unknown>>; // Any object's.
  if (typeof text !== "string") {
    throw new SchemaRegistryError(`AWS Glue answered without a schema: SchemaDefinition is ${quote(text)}`);
  }
  if (text.length > MAX_SCHEMA_LENGTH) {
    throw unusable(origin, `it has ${text.length} characters; at most ${MAX_SCHEMA_LENGTH} are taken`);
  }
  if (format !== "AVRO" && format !== "JSON" && format !== "PROTOBUF") {
    throw new UndecodableError(`its schema's type is ${quote(format)}; expected AVRO, JSON or PROTOBUF`);
  }
  return { format, text, references: [], origin };
}
