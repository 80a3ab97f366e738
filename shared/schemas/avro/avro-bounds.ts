// Avro bounds
//
// Walks a payload before it is decoded: the library that decodes trusts lengths and counts, so that a few
// damaged bytes could have it make values until the memory or the time is used up.
//
//   AB1  A payload that passes is as long as its schema says, to the byte.
//   AB2  Each step takes bytes of the payload, but for MAX_EMPTY_ITEMS items that have none: what is made
//        of a payload is bounded by its length.
//   AB3  Nothing is nested deeper than MAX_AVRO_DEPTH.
//   AB4  No map has a key that the object made of it would not keep.

import type { Type, types } from "avsc";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { MAX_AVRO_DEPTH, MAX_EMPTY_ITEMS } from "../limits.ts";

/** Throws UndecodableError unless the payload holds. */
export type CheckPayload = (payload: Buffer) => void;

type Step = (walk: Walk, depth: number) => void;

/** Of the type that the payload was written with. What it throws is the schema's fault. */
export function checkOf(type: Type): CheckPayload {
  const step = stepOf(type, new Map());
  return (payload) => {
    const walk = new Walk(payload);
    step(walk, 0);
    walk.finish();
  };
}

/** An object has it for another purpose, and the library sets it as any other. */
const LOST_KEY = Buffer.from("__proto__");

class Walk {
  readonly #payload: Buffer;
  #position = 0;
  #emptyItems = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  get position(): number {
    return this.#position;
  }

  skip(length: number): void {
    if (length < 0 || length > this.#payload.length - this.#position) {
      throw new UndecodableError(
        `its payload of ${this.#payload.length} bytes ends before its schema does: ${length} more are wanted at ${this.#position}`,
      );
    }
    this.#position += length;
  }

  /** Inexact beyond 2^53, which no length and no count may be. */
  long(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const at = this.#position;
      this.skip(1);
      const byte = this.#payload[at] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
    }
    throw new UndecodableError(`its payload has a number of more than ten bytes at ${this.#position}`);
  }

  /** Of a map (AB4). */
  key(): void {
    const length = this.long();
    const from = this.#position;
    this.skip(length);
    if (length === LOST_KEY.length && LOST_KEY.equals(this.#payload.subarray(from, this.#position))) {
      throw new UndecodableError(`its payload has a map with the key ${String(LOST_KEY)}, which would be lost`);
    }
  }

  countItem(from: number): void {
    if (this.#position === from) {
      this.#emptyItems += 1;
      if (this.#emptyItems > MAX_EMPTY_ITEMS) {
        throw new UndecodableError(`its payload has more than ${MAX_EMPTY_ITEMS} items without a byte of their own`);
      }
    }
  }

  finish(): void {
    if (this.#position !== this.#payload.length) {
      throw new UndecodableError(
        `its payload has ${this.#payload.length} bytes, and by its schema ${this.#position}: another one wrote it`,
      );
    }
  }
}

/** Named types refer to themselves: each is walked by one step, that is looked up when it runs. */
function stepOf(type: Type, known: Map<Type, Step>): Step {
  const before = known.get(type);
  if (before !== undefined) {
    return before;
  }
  let step: Step | undefined;
  const deferred: Step = (walk, depth) => {
    if (depth > MAX_AVRO_DEPTH) {
      throw new UndecodableError(`its payload is nested deeper than ${MAX_AVRO_DEPTH}`);
    }
    step?.(walk, depth + 1);
  };
  known.set(type, deferred);
  step = ownStepOf(type, known);
  return deferred;
}

function ownStepOf(type: Type, known: Map<Type, Step>): Step {
  switch (type.typeName) {
    case "null":
      return () => {};
    case "boolean":
      return (walk) => walk.skip(1);
    case "int":
    case "long":
    case "abstract:long":
      return (walk) => {
        walk.long();
      };
    case "float":
      return (walk) => walk.skip(4);
    case "double":
      return (walk) => walk.skip(8);
    case "bytes":
    case "string":
      return (walk) => walk.skip(walk.long());
    case "fixed": {
      const { size } = type as types.FixedType; // By its typeName, as below.
      return (walk) => walk.skip(size);
    }
    case "enum": {
      const { symbols } = type as types.EnumType;
      return (walk) => {
        requireIndex(walk, symbols.length, "symbols");
      };
    }
    default:
      return nestingStepOf(type, known);
  }
}

function nestingStepOf(type: Type, known: Map<Type, Step>): Step {
  switch (type.typeName) {
    case "record":
    case "error": {
      const steps = (type as types.RecordType).fields.map((field) => stepOf(field.type, known));
      return (walk, depth) => {
        for (const step of steps) {
          step(walk, depth);
        }
      };
    }
    case "union:wrapped":
    case "union:unwrapped": {
      const branches = (type as types.WrappedUnionType).types.map((branch) => stepOf(branch, known));
      return (walk, depth) => branches[requireIndex(walk, branches.length, "branches")]?.(walk, depth);
    }
    case "array": {
      const item = stepOf((type as types.ArrayType).itemsType, known);
      return (walk, depth) => walkBlocks(walk, () => item(walk, depth));
    }
    case "map": {
      const value = stepOf((type as types.MapType).valuesType, known);
      return (walk, depth) =>
        walkBlocks(walk, () => {
          walk.key();
          value(walk, depth);
        });
    }
    default:
      if (type.typeName.startsWith("logical:")) {
        return stepOf((type as types.LogicalType).underlyingType, known);
      }
      throw new TypeError(`it has the type ${type.typeName}, which is not known here`);
  }
}

function requireIndex(walk: Walk, count: number, what: string): number {
  const index = walk.long();
  if (index < 0 || index >= count) {
    throw new UndecodableError(`its payload has ${index} for one of ${count} ${what} at ${walk.position}`);
  }
  return index;
}

/** A negative count is followed by the block's length in bytes. */
function walkBlocks(walk: Walk, walkItem: () => void): void {
  for (let count = walk.long(); count !== 0; count = walk.long()) {
    const length = count < 0 ? walk.long() : undefined;
    const from = walk.position;
    for (let left = Math.abs(count); left > 0; left -= 1) {
      const before = walk.position;
      walkItem();
      walk.countItem(before);
    }
    if (length !== undefined && walk.position - from !== length) {
      throw new UndecodableError(`its payload has a block of ${walk.position - from} bytes that says it has ${length}`);
    }
  }
}
