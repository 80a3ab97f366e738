// Repeated item
//
// Two outputs of one item: DynamoDB takes one operation per item and transaction. Which of
// a Put's attributes are its key is known once the table's keys are; before that only
// DynamoDB can tell.

import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { quote } from "../../core/bounded-text.ts";
import { RepeatedItemError } from "../../core/errors.ts";
import { actionOf } from "./output-shape.ts";

export interface TableKeys {
  readonly keys: readonly { readonly name: string; readonly isSortKey: boolean }[];
  /** Of the table's keys and of its indexes': S, N or B. */
  readonly types: ReadonlyMap<string, string>;
}

/** Undefined for a table whose keys are not known. */
export type FindKeys = (tableName: string) => TableKeys | undefined;

export interface RepeatedItem {
  readonly tableName: string;
  readonly key: Readonly<Record<string, AttributeValue>>;
  readonly outputIndexes: readonly [first: number, second: number];
}

/** The second output of one item, and the first; `outputs` have the right shape. */
export function findRepeatedItem(outputs: readonly TransactWriteItem[], keysOf: FindKeys): RepeatedItem | undefined {
  const first = new Map<string, number>();
  for (const [index, output] of outputs.entries()) {
    const { tableName } = actionOf(output);
    const key = itemKeyOf(output, keysOf);
    if (key !== undefined) {
      const id = `${tableName} ${identify(key)}`;
      const before = first.get(id);
      if (before !== undefined) {
        return { tableName, key, outputIndexes: [before, index] };
      }
      first.set(id, index);
    }
  }
  return undefined;
}

export function repeatedItemError({ tableName, key, outputIndexes }: RepeatedItem, cause?: Error): RepeatedItemError {
  const [first, second] = outputIndexes;
  const itemKey = quote(key);
  const said = cause === undefined ? "" : ` (${cause.name}: ${cause.message})`;
  return new RepeatedItemError(
    `outputs[${first}] and outputs[${second}] are of one item, ${itemKey} of table ${tableName}, and a transaction takes one of them: make one of both, or, of two records, let range.writeEach commit in between; nothing was written${said}`,
    { tableName, itemKey, outputIndexes, cause },
  );
}

/** What names the output's item; undefined where it is not known which of a Put's attributes do. */
export function itemKeyOf(output: TransactWriteItem, keysOf: FindKeys): RepeatedItem["key"] | undefined {
  const action = output.Update ?? output.Delete ?? output.ConditionCheck;
  const known = keysOf(actionOf(output).tableName);
  const item = action?.Key ?? output.Put?.Item ?? {};
  if (known === undefined) {
    return action?.Key;
  }
  const named = known.keys.filter(({ name }) => Object.hasOwn(item, name));
  return Object.fromEntries(named.flatMap(({ name }) => (item[name] === undefined ? [] : [[name, item[name]]])));
}

/** The same for keys that DynamoDB takes for one. */
export function identify(key: RepeatedItem["key"]): string {
  const parts = Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    parts.map(([name, { S, N, B }]) => [
      name,
      N === undefined ? "" : "N",
      S ?? (N && sameNumber(N)) ?? (B && Buffer.from(B).toString("base64")),
    ]),
  );
}

/** `1`, `01` and `1.0` are one number. */
function sameNumber(text: string): string {
  const [, minus = "", whole = "", fraction = ""] = /^([+-]?)0*(\d*)\.?(\d*?)0*$/.exec(text) ?? [];
  const digits = `${whole || "0"}${fraction === "" ? "" : `.${fraction}`}`;
  return whole === "" && fraction === "" && !/^[+-]?[0.]+$/.test(text)
    ? text
    : minus === "-" && digits !== "0"
      ? `-${digits}`
      : digits;
}
