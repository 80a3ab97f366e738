// Plain values: how Parquet's PLAIN encoding has what a page holds.

import { addRow, type Page, type Pages } from "./pages.ts";

/** What a row has in a column, as its physical type takes it; text is of a BYTE_ARRAY. */
export type PlainValue = bigint | boolean | number | string | Uint8Array;

export type PhysicalType = "BOOLEAN" | "BYTE_ARRAY" | "DOUBLE" | "FIXED_LEN_BYTE_ARRAY" | "FLOAT" | "INT32" | "INT64";

const LENGTH_BYTES = 4;

/** What it takes of a page, in bytes: a boolean has one there, and a bit in the file. */
export function plainBytes(type: PhysicalType, value: PlainValue): number {
  switch (typeof value) {
    case "bigint":
      return 8;
    case "boolean":
      return 1;
    case "number":
      return type === "DOUBLE" ? 8 : 4;
    case "string":
      return LENGTH_BYTES + Buffer.byteLength(value);
    default:
      return type === "BYTE_ARRAY" ? LENGTH_BYTES + value.length : value.length;
  }
}

/** Puts a row behind the others; `bytes` is what `plainBytes` says of its value. */
export function layDown(pages: Pages, type: PhysicalType, value: PlainValue, bytes: number): void {
  const page = pages.pageFor(bytes);
  addRow(page, true);
  putValue(page, type, value, bytes);
  page.length += bytes;
}

/** Puts a value behind the others, where there is room for it, as no row yet. */
export function putValue(page: Page, type: PhysicalType, value: PlainValue, bytes: number): void {
  const { bytes: into, view, length: at } = page;
  switch (typeof value) {
    case "bigint":
      view.setBigInt64(at, value, true);
      return;
    case "boolean":
      view.setUint8(at, Number(value));
      return;
    case "number":
      putNumber(view, at, type, value);
      return;
    case "string":
      view.setUint32(at, bytes - LENGTH_BYTES, true);
      into.write(value, at + LENGTH_BYTES);
      return;
    default:
      if (type === "BYTE_ARRAY") {
        view.setUint32(at, value.length, true);
        into.set(value, at + LENGTH_BYTES);
      } else {
        into.set(value, at);
      }
  }
}

function putNumber(view: DataView, at: number, type: PhysicalType, value: number): void {
  if (type === "DOUBLE") {
    view.setFloat64(at, value, true);
  } else if (type === "FLOAT") {
    view.setFloat32(at, value, true);
  } else {
    view.setInt32(at, value, true);
  }
}

/** Of a page, as the file has them. */
export function plainContent(type: PhysicalType, { bytes, length }: Page): Uint8Array {
  return type === "BOOLEAN" ? bitsOf(bytes.subarray(0, length)) : bytes.subarray(0, length);
}

function bitsOf(booleans: Uint8Array): Uint8Array {
  const bits = new Uint8Array((booleans.length + 7) >> 3);
  for (const [index, value] of booleans.entries()) {
    bits[index >> 3] = (bits[index >> 3] ?? 0) | (value << (index & 7));
  }
  return bits;
}
