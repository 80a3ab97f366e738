import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./keys.ts";

/** Bytes of an item as DynamoDB bills it: names and values, never less than it counts. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) {
    return Buffer.byteLength(value.S);
  }
  if (value.N !== undefined) {
    return numberBytes(value.N);
  }
  if (value.B !== undefined) {
    return value.B.byteLength;
  }
  if (value.M !== undefined) {
    // A map or list costs three bytes, and one more for each element.
    return 3 + Object.keys(value.M).length + itemBytes(value.M);
  }
  if (value.L !== undefined) {
    return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  }
  const set = value.SS?.map((text) => Buffer.byteLength(text)) ?? value.NS?.map(numberBytes);
  const bytes = set ?? value.BS?.map((binary) => binary.byteLength) ?? [1];
  return bytes.reduce((sum, size) => sum + size, 0);
}

/** One byte for two digits, one for the exponent, one for a sign. */
function numberBytes(text: string): number {
  return Math.ceil(text.length / 2) + 2;
}
