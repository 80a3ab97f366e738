// Avro schemas
//
// What the formats of an archive need of a schema that a payload has, compiled once.

import avsc, { type Schema, type Type } from "avsc";
import { type AvroValues, avroTypeOf, parseSchema } from "../../schemas/avro/avro-types.ts";
import type { RegisteredSchema } from "../../schemas/schema-registry.ts";
import { useSchema } from "../../schemas/use-schema.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusing, requirePayload } from "../format/refuse-record.ts";

type Resolver = ReturnType<Type["createResolver"]>;

/** Reads or writes by one schema what others have written, as Avro resolves them. */
export class Resolving {
  readonly type: Type;
  readonly #values: AvroValues;
  /** Undefined for the schema itself, which needs none. */
  readonly #resolvers = new WeakMap<RegisteredSchema, Resolver | undefined>();

  /** Throws UnusableSchemaError. */
  constructor(schema: RegisteredSchema, values: AvroValues) {
    this.type = withDefaults(schema, (keepsDefaults) => avroTypeOf(schema, { ...values, keepsDefaults }));
    this.#values = values;
    this.#resolvers.set(schema, undefined);
  }

  /**
   * Throws InvalidOutputError for a payload whose schema does not resolve to this one, and for a value that is not taken;
   * UnusableSchemaError for a schema that is none.
   */
  read(record: ArchiveRecord): unknown {
    const { payload, schema } = requirePayload(record, "avro");
    if (!this.#resolvers.has(schema)) {
      const writer = useSchema(schema, () => avroTypeOf(schema, { ...this.#values, keepsDefaults: false }));
      refusing(
        record,
        "has a schema that does not resolve to that of its object, which is the first record's; give avroPayload a readerSchema",
        () => this.#resolvers.set(schema, this.type.createResolver(writer)),
      );
    }
    return refusing(record, "cannot be read", () => this.type.fromBuffer(payload, this.#resolvers.get(schema)));
  }
}

/** The logical types of Avro's specification; avsc leaves out those that it is not told of. */
const LOGICAL_NAMES = [
  ...["date", "decimal", "duration", "time-micros", "time-millis", "uuid"],
  ...["timestamp-micros", "timestamp-millis", "timestamp-nanos"],
  ...["local-timestamp-micros", "local-timestamp-millis", "local-timestamp-nanos"],
];

/** What a schema says, with its logical types by their names: it is looked at, and reads nothing. Throws UnusableSchemaError. */
export function shapeOf(schema: RegisteredSchema): Type {
  const logicalTypes = Object.fromEntries(LOGICAL_NAMES.map((name) => [name, NamedType]));
  return withDefaults(schema, (keepsDefaults) => {
    const options = { registry: {}, logicalTypes, wrapUnions: "auto" as const };
    for (const { text } of schema.references) {
      avsc.Type.forSchema(parseSchema(text, { keepsDefaults }), options);
    }
    return avsc.Type.forSchema(parseSchema(schema.text, { keepsDefaults }), options);
  });
}

/** Records of other schemas need an object's defaults; some that Java's library takes are none for avsc. */
function withDefaults(schema: RegisteredSchema, typeOf: (keepsDefaults: boolean) => Type): Type {
  try {
    return typeOf(true);
  } catch {
    return useSchema(schema, () => typeOf(false));
  }
}

/** With what its schema says of it. */
export class NamedType extends avsc.types.LogicalType {
  readonly precision: unknown;
  readonly scale: unknown;

  constructor(schema: unknown, options: unknown) {
    super(schema as never, options); // As avsc calls it.
    const { precision, scale } = schema as { readonly precision?: unknown; readonly scale?: unknown }; // An object has what it has.
    this.precision = precision;
    this.scale = scale;
  }

  protected override _export(schema: Schema): void {
    const { precision, scale } = this;
    Object.assign(schema as object, precision === undefined ? {} : { precision }, scale === undefined ? {} : { scale });
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}
