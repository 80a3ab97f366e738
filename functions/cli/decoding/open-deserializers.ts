// Open deserializers: those that a command is asked for, each with its library only where it is used.

import type { Deserializer } from "../../../shared/core/decode/deserializer.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { loadLibrary } from "../../../shared/core/load-library.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { SchemaRegistry } from "../../../shared/schemas/schema-registry.ts";
import type { DecodingSettings, DeserializerName, RegistrySettings } from "./decoding-settings.ts";

export interface PartDeserializers {
  readonly key?: Deserializer<unknown>;
  readonly value?: Deserializer<unknown>;
}

/** Throws ConfigurationError where a registry or a library is missing. */
export async function openDeserializers({ key, value, registry }: DecodingSettings): Promise<PartDeserializers> {
  const opened = registry === undefined ? undefined : await openRegistry(registry);
  return omitUndefined({
    key: key === undefined ? undefined : await open(key, opened),
    value: value === undefined ? undefined : await open(value, opened),
  });
}

/** Undefined where the settings name none. */
async function openRegistry({
  url,
  glue,
  basicAuth,
  bearerToken,
  tls,
}: RegistrySettings): Promise<SchemaRegistry | undefined> {
  if (glue !== undefined) {
    const { createGlueRegistry } = await import("../../../shared/schemas/glue/glue-registry.ts");
    return createGlueRegistry(() => glue);
  }
  if (url === undefined) {
    return undefined;
  }
  const { confluentRegistry } = await import("../../deserializers/confluent-registry.ts");
  const urls = url
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return confluentRegistry({ url: urls, ...omitUndefined({ basicAuth, bearerToken, tls }) });
}

async function open(name: DeserializerName, registry: SchemaRegistry | undefined): Promise<Deserializer<unknown>> {
  const plain = await import("../../../shared/schemas/plain/plain-deserializers.ts");
  switch (name) {
    case "bytes":
      return plain.bytes();
    case "string":
      return plain.string();
    case "json":
      return plain.json();
    default:
      break;
  }
  if (registry === undefined) {
    throw new ConfigurationError(
      `${name} needs a schema registry: give --schema-registry-url, --glue-region, or schema.registry.url in the file of --command-config`,
    );
  }
  switch (name) {
    case "avro": {
      const { avro } = await loadLibrary(
        "avro",
        "avsc",
        () => import("../../../shared/schemas/avro/avro-deserializer.ts"),
      );
      return avro({ registry });
    }
    case "protobuf": {
      const { protobuf } = await loadLibrary(
        "protobuf",
        "protobufjs",
        () => import("../../../shared/schemas/protobuf/protobuf-deserializer.ts"),
      );
      return protobuf({ registry });
    }
    case "json-schema": {
      const { jsonSchema } = await loadLibrary(
        "json-schema",
        "ajv",
        () => import("../../../shared/schemas/json-schema/json-schema-deserializer.ts"),
      );
      return jsonSchema({ registry });
    }
  }
}
