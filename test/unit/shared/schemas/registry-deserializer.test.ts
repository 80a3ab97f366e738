import { expect, test } from "vitest";
import { SchemaRegistryError, UndecodableError } from "../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { registryDeserializer } from "../../../../shared/schemas/registry-deserializer.ts";
import { aPart, createMemoryRegistry, framed } from "../../../support/schemas/memory-registry.ts";

test.each([
  ["of its own making costs the record its place only where it says so", new UndecodableError("no"), UndecodableError],
  ["of its options is one of the configuration", new ConfigurationError("no"), ConfigurationError],
  ["that is not known is an outage", new Error("no start line"), SchemaRegistryError],
  ["in its code is an outage too", new TypeError("undefined is no function"), SchemaRegistryError],
])("an error of a registry %s", async (_, error, kind) => {
  const registry = { ...createMemoryRegistry(() => undefined), fetchSchema: () => Promise.reject(error) };
  const deserializer = registryDeserializer({ format: "AVRO", registry, compile: () => () => "read" });

  await expect(async () => deserializer.deserialize(framed(Buffer.alloc(1)), aPart())).rejects.toThrow(kind);
});
