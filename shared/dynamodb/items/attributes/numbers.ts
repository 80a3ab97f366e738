import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./keys.ts";

export function number(value: bigint | number): AttributeValue.NMember {
  return { N: value.toString() };
}

/** Without those that are absent. */
export function optionalNumbers(values: Readonly<Record<string, bigint | number | undefined>>): Item {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, number(value)]])),
  );
}
