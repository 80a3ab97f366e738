// Attribute values: DynamoDB's equality, order and arithmetic of them.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** What DynamoDB says where an expression does not fit the item: the output's own fault. */
export class ExpressionFault extends Error {}

export function isEqual(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return a !== undefined && b !== undefined && canonical(a) === canonical(b);
}

/** Undefined for values that have no order: of two types, or of one that has none. */
export function compare(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (a?.N !== undefined && b?.N !== undefined) {
    const [left, right] = aligned(a.N, b.N);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (a?.S !== undefined && b?.S !== undefined) {
    return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  }
  return a?.B !== undefined && b?.B !== undefined ? Buffer.compare(a.B, b.B) : undefined;
}

/** The exact sum, or the difference with `sign` -1. */
export function addNumbers(a: string, b: string, sign: 1n | -1n = 1n): string {
  const [left, right, scale] = aligned(a, b);
  return toText(left + sign * right, scale);
}

/** One text for all values that DynamoDB takes for one. */
export function canonical(value: AttributeValue): string {
  if (value.N !== undefined) {
    return `N ${toNumber(value.N)}`;
  }
  if (value.L !== undefined) {
    return `L [${value.L.map(canonical).join(",")}]`;
  }
  if (value.M !== undefined) {
    const entries = Object.entries(value.M).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `M {${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
  }
  const set = elementsOf(value);
  if (set !== undefined) {
    return `${typeOf(value)} {${set.elements
      .map((one) => one.id)
      .toSorted()
      .join(",")}}`;
  }
  const [type, inner] = contentOf(value);
  return `${type} ${inner instanceof Uint8Array ? Buffer.from(inner).toString("base64") : JSON.stringify(inner)}`;
}

export function typeOf(value: AttributeValue): string {
  return contentOf(value)[0];
}

function contentOf(value: AttributeValue): readonly [type: string, inner: unknown] {
  const [content] = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return content ?? ["nothing", undefined];
}

interface SetElement {
  readonly id: string;
  readonly element: string | Uint8Array;
}

export interface SetElements {
  readonly type: "SS" | "NS" | "BS";
  readonly elements: readonly SetElement[];
}

/** Undefined for what is no set. */
export function elementsOf({ SS, NS, BS }: AttributeValue): SetElements | undefined {
  if (SS !== undefined) {
    return { type: "SS", elements: SS.map((element) => ({ id: JSON.stringify(element), element })) };
  }
  if (NS !== undefined) {
    return { type: "NS", elements: NS.map((element) => ({ id: toNumber(element), element })) };
  }
  const bytes = BS?.map((element) => ({ id: Buffer.from(element).toString("base64"), element }));
  return bytes === undefined ? undefined : { type: "BS", elements: bytes };
}

/** As DynamoDB shows a number: without zeros that say nothing. */
function toNumber(text: string): string {
  const { digits, scale } = parse(text);
  return toText(digits, scale);
}

interface Decimal {
  readonly digits: bigint;
  /** How many of the digits stand behind the point. */
  readonly scale: number;
}

function parse(text: string): Decimal {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole + fraction === "") {
    throw new ExpressionFault(`${JSON.stringify(text)} is no number`);
  }
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}${"0".repeat(Math.max(-scale, 0))}`);
  return { digits: sign === "-" ? -digits : digits, scale: Math.max(scale, 0) };
}

function aligned(a: string, b: string): readonly [left: bigint, right: bigint, scale: number] {
  const [left, right] = [parse(a), parse(b)];
  const scale = Math.max(left.scale, right.scale);
  const raise = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own);
  return [raise(left), raise(right), scale];
}

function toText(digits: bigint, scale: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  return `${digits < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
