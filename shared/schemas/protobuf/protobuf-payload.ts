import type { Deserializer } from "../../core/decode/deserializer.ts";
import { requireOptions } from "../../core/options/require-options.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import { REGISTRY } from "../registry-option.ts";
import type { DecodedPayload } from "../schema-payload.ts";
import { messageOf, parseFile } from "./message-types.ts";
import type { ProtobufOptions } from "./protobuf-deserializer.ts";

/**
 * Protobuf that is not made plain objects of, with its schema: what an archive writes by `protobufColumns` and
 * `protobufLine`. Throws ConfigurationError for options that are none.
 */
export function protobufPayload(options: Pick<ProtobufOptions, "registry">): Deserializer<DecodedPayload> {
  requireOptions("protobufPayload", options, { registry: REGISTRY });
  const { registry } = options;
  return registryDeserializer<DecodedPayload>({
    format: "PROTOBUF",
    registry,
    compile(schema) {
      const file = parseFile(schema);
      return (payload, message = { path: [0] }) => ({
        ...{ payload, schema },
        decoded: messageOf(file, message).decode(payload),
      });
    },
  });
}
