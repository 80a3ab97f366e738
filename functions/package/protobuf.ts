// Protobuf records: `kafka-offset-ranges/protobuf`. Installs beside it: `npm install protobufjs`.

export { type ProtobufOptions, protobuf } from "../../shared/schemas/protobuf/protobuf-deserializer.ts";
