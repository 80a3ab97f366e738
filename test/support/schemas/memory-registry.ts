import { UndecodableError } from "../../../shared/core/decode/decode-errors.ts";
import type { RecordPart } from "../../../shared/core/decode/deserializer.ts";
import { readConfluentFrame } from "../../../shared/schemas/confluent/confluent-frame.ts";
import { readGlueFrame } from "../../../shared/schemas/glue/glue-frame.ts";
import type { RegisteredSchema, SchemaRegistry } from "../../../shared/schemas/schema-registry.ts";

export interface MemoryRegistry extends SchemaRegistry {
  /** Ids in the order of the questions. */
  readonly asked: string[];
}

type GivenSchema = Omit<RegisteredSchema, "references"> & Partial<RegisteredSchema>;

/** Has the schema for each id that `schemaOf` knows. */
export function createMemoryRegistry(
  schemaOf: (id: string) => GivenSchema | undefined,
  frames: "confluent" | "glue" = "confluent",
): MemoryRegistry {
  const asked: string[] = [];
  return {
    asked,
    unframe: frames === "glue" ? (bytes, _, format) => readGlueFrame(bytes, format) : readConfluentFrame,
    async fetchSchema(id) {
      asked.push(id);
      const schema = schemaOf(id);
      if (schema === undefined) {
        throw new UndecodableError(`there is no schema ${id}`);
      }
      return { references: [], ...schema };
    },
  };
}

export function aPart(given: Partial<RecordPart> = {}): RecordPart {
  return { topic: "orders", partition: 0, offset: 5n, part: "value", headers: [], ...given };
}

/** A payload behind the prefix of Confluent's serializers, with the id 1. */
export function framed(payload: Buffer, messageIndexes: readonly number[] = []): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 1, ...messageIndexes]), payload]);
}
