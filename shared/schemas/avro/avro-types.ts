// Avro types: how schemas become types of avsc, and values what JavaScript has for them.

import avsc, { type Schema, type Type, type types } from "avsc";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { MAX_DECIMAL_BYTES, MAX_DECIMAL_SCALE } from "../limits.ts";
import type { RegisteredSchema } from "../schema-registry.ts";
import { type LenientRules, lenientSchema } from "./lenient-schema.ts";

/** What values of Avro become. */
export interface AvroValues {
  /** What a `long` becomes: "number" refuses a record with one beyond 2^53. @default "bigint" */
  readonly longs?: "bigint" | "number";
  /** What a `decimal` becomes: "text" is exact, as "12.30". @default "text" */
  readonly decimals?: "text" | "bytes";
}

/** What it throws is the schema's fault. */
export function avroTypeOf(
  { text, references }: Pick<RegisteredSchema, "text" | "references">,
  { longs = "bigint", decimals = "text", ...rules }: AvroValues & LenientRules,
): Type {
  const options = {
    // By its name, and as an object, which has a logical type or whatever else somebody notes there.
    ...(longs === "bigint" ? { registry: { long: LONG }, typeHook: longOf } : { registry: {} }),
    logicalTypes: decimals === "text" ? { decimal: DecimalText } : {},
    omitRecordMethods: true,
    wrapUnions: "auto" as const,
  };
  for (const reference of references) {
    avsc.Type.forSchema(parseSchema(reference.text, rules), options);
  }
  const type = avsc.Type.forSchema(parseSchema(text, rules), options);
  makePlain(type, new Set());
  return type;
}

/** Of a schema's text, or of one that it refers to. */
export function parseSchema(text: string, rules: LenientRules): Schema {
  return lenientSchema(JSON.parse(text), rules) as Schema; // Refused by the library where it is none.
}

function longOf(schema: unknown): Type | undefined {
  const isLong = typeof schema === "object" && schema !== null && "type" in schema && schema.type === "long";
  return isLong ? LONG : undefined;
}

const LONG = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint" && BigInt.asIntN(64, value) === value,
  compare: (one: bigint, other: bigint) => (one === other ? 0 : one < other ? -1 : 1),
});

/** Of bytes or fixed: a two's complement, big-endian, of units of 10^-scale. */
class DecimalText extends avsc.types.LogicalType {
  readonly scale: number;

  /** Throws for a scale that is none: avsc then takes the bytes as they are, as Avro wants it. */
  constructor(schema: unknown, options: unknown) {
    super(schema as never, options); // As avsc calls it.
    const { scale = 0 } = schema as { readonly scale?: unknown };
    if (typeof scale !== "number" || !Number.isInteger(scale) || scale < 0 || scale > MAX_DECIMAL_SCALE) {
      throw new TypeError(
        `a decimal of its schema has the scale ${String(scale)}; expected a whole number up to ${MAX_DECIMAL_SCALE}`,
      );
    }
    this.scale = scale;
  }

  protected override _fromValue(bytes: Buffer): string {
    if (bytes.length > MAX_DECIMAL_BYTES) {
      throw new UndecodableError(`it has a decimal of ${bytes.length} bytes; at most ${MAX_DECIMAL_BYTES} are taken`);
    }
    const units = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
    const digits = String(units < 0n ? -units : units).padStart(this.scale + 1, "0");
    const whole = digits.slice(0, digits.length - this.scale);
    const fraction = this.scale === 0 ? "" : `.${digits.slice(-this.scale)}`;
    return `${units < 0n ? "-" : ""}${whole}${fraction}`;
  }

  /** Of a default in a reader's schema, which is copied; undefined for what is no decimal. */
  protected override _toValue(text: unknown): Buffer | undefined {
    if (typeof text !== "string") {
      return undefined;
    }
    const units = BigInt(text.replace(".", ""));
    const { underlyingType } = this;
    let bytes = underlyingType.typeName === "fixed" ? (underlyingType as types.FixedType).size : 1;
    while (BigInt.asIntN(bytes * 8, units) !== units) {
      bytes += 1;
    }
    const hex = BigInt.asUintN(bytes * 8, units).toString(16);
    return Buffer.from(hex.padStart(bytes * 2, "0"), "hex");
  }

  /** As Avro has it: between decimals of one scale. */
  protected override _resolve(type: Type): ((value: string) => string) | undefined {
    return type instanceof DecimalText && type.scale === this.scale ? (value) => value : undefined;
  }
}

/**
 * avsc makes objects of a class for each record. What takes plain values, as DynamoDB's marshalling, refuses those: here
 * they get the prototype that a literal has.
 */
function makePlain(type: Type, seen: Set<Type>): void {
  if (seen.has(type)) {
    return;
  }
  seen.add(type);
  if (type.typeName === "record" || type.typeName === "error") {
    (type as types.RecordType).recordConstructor.prototype = Object.prototype; // By its typeName, as below.
  }
  if (type.typeName === "union:wrapped") {
    for (const branch of (type as types.WrappedUnionType).types) {
      const { _branchConstructor: wrapper } = branch as unknown as { readonly _branchConstructor: object | null }; // Not in its types.
      if (wrapper !== null) {
        Object.assign(wrapper, { prototype: Object.prototype });
      }
    }
  }
  for (const part of partsOf(type)) {
    makePlain(part, seen);
  }
}

/** What avsc would read of a field of this name is lost. */
function keptField(field: types.Field): types.Field {
  if (field.name === "__proto__") {
    throw new TypeError("it has a field __proto__, which no object keeps; give it another name");
  }
  return field;
}

function partsOf(type: Type): readonly Type[] {
  switch (type.typeName) {
    case "record":
    case "error":
      return (type as types.RecordType).fields.map((field) => keptField(field).type);
    case "union:wrapped":
    case "union:unwrapped":
      return (type as types.WrappedUnionType).types;
    case "array":
      return [(type as types.ArrayType).itemsType];
    case "map":
      return [(type as types.MapType).valuesType];
    default:
      return type.typeName.startsWith("logical:") ? [(type as types.LogicalType).underlyingType] : [];
  }
}
