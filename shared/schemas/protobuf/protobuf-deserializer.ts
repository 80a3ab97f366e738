import type { Deserializer } from "../../core/decode/deserializer.ts";
import { oneOf, requireOptions } from "../../core/options/require-options.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import { REGISTRY } from "../registry-option.ts";
import type { SchemaRegistry } from "../schema-registry.ts";
import { messageOf, parseFile } from "./message-types.ts";

/** How Protobuf is read. */
export interface ProtobufOptions {
  /** Where the schemas are that records were written with: `confluentRegistry` or `glueRegistry`. */
  readonly registry: SchemaRegistry;
  /** What integers of 64 bits become: "number" rounds those beyond 2^53. @default "bigint" */
  readonly longs?: "bigint" | "number";
}

/**
 * Protobuf, by the .proto file that a registry has: plain objects with the fields as the file names them, enums as
 * their names, bytes as Buffers, and what is not set as its default, but for fields that are optional or of a oneof.
 * Throws ConfigurationError for options that are none.
 */
export function protobuf<T = unknown>(options: ProtobufOptions): Deserializer<T> {
  requireOptions("protobuf", options, { registry: REGISTRY, longs: oneOf("bigint", "number") });
  const { registry, longs = "bigint" } = options;
  const conversion = {
    longs: longs === "bigint" ? BigInt : Number,
    enums: String,
    bytes: Buffer,
    defaults: true,
  };
  return registryDeserializer<T>({
    format: "PROTOBUF",
    registry,
    compile(schema) {
      const file = parseFile(schema);
      return (payload, message = { path: [0] }) => {
        const type = messageOf(file, message);
        return type.toObject(type.decode(payload), conversion) as T; // What the code says that the message is.
      };
    },
  });
}
