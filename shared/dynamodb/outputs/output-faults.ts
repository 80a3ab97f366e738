// Output faults
//
// Looks for what DynamoDB may have refused in outputs of the right shape. It only names
// the culprit of a refusal that has happened, so that a limit which it counts a little
// differently from DynamoDB refuses nothing.

import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { quote, showName } from "../../core/bounded-text.ts";
import { itemBytes } from "../items/attributes/item-size.ts";
import { DYNAMODB_LIMITS } from "../items/limits.ts";
import { actionOf } from "./output-shape.ts";
import { type FindKeys, findRepeatedItem, type RepeatedItem, type TableKeys } from "./repeated-item.ts";

export interface OutputFault {
  readonly index: number;
  readonly why: string;
  /** Where it is that the item stands twice. */
  readonly repeated?: RepeatedItem;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** The first output that DynamoDB cannot take, as far as it can be told; what stands twice comes last. */
export function findOutputFault(outputs: readonly TransactWriteItem[], keysOf: FindKeys): OutputFault | undefined {
  for (const [index, output] of outputs.entries()) {
    const { verb, tableName } = actionOf(output);
    const item: Item = output.Put?.Item ?? (output.Update ?? output.Delete ?? output.ConditionCheck)?.Key ?? {};
    const why = findKeyFault(item, verb === "Put", keysOf(tableName)) ?? findItemFault(item, valuesOf(output));
    if (why !== undefined) {
      return { index, why };
    }
  }
  const repeated = findRepeatedItem(outputs, keysOf);
  if (repeated === undefined) {
    return undefined;
  }
  const [first, index] = repeated.outputIndexes;
  return { index, why: `outputs[${first}] is of the same item ${quote(repeated.key)}`, repeated };
}

function findKeyFault(item: Item, isWhole: boolean, known: TableKeys | undefined): string | undefined {
  const keys = known?.keys ?? (isWhole ? [] : Object.keys(item).map((name) => ({ name, isSortKey: false })));
  const extra = isWhole || known === undefined ? undefined : Object.keys(item).find((name) => !isKey(known, name));
  if (extra !== undefined) {
    return `its key has ${showName(extra)}, which is no key attribute of the table`;
  }
  for (const { name, isSortKey } of keys) {
    const value = attributeOf(item, name);
    if (value === undefined) {
      return `its key attribute ${showName(name)} is missing`;
    }
    const { partitionKeyBytes, sortKeyBytes } = DYNAMODB_LIMITS;
    const fault = findKeyValueFault(name, value, isSortKey ? sortKeyBytes : partitionKeyBytes);
    if (fault !== undefined) {
      return fault;
    }
  }
  return findTypeFault(item, known);
}

/** A table may call a key `constructor`: what the item itself does not have is missing. */
function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

function isKey({ keys }: TableKeys, name: string): boolean {
  return keys.some((key) => key.name === name);
}

function findKeyValueFault(name: string, { S, B }: AttributeValue, maxBytes: number): string | undefined {
  const bytes = S === undefined ? B?.byteLength : Buffer.byteLength(S);
  if (bytes === 0) {
    return `its key attribute ${showName(name)} is empty`;
  }
  return bytes !== undefined && bytes > maxBytes
    ? `its key attribute ${showName(name)} has ${bytes} bytes, more than ${maxBytes}`
    : undefined;
}

/** Also of the keys of indexes, which an item need not have. */
function findTypeFault(item: Item, known: TableKeys | undefined): string | undefined {
  for (const [name, type] of known?.types ?? []) {
    const value = attributeOf(item, name);
    const [own] = Object.entries(value ?? {}).find(([, inner]) => inner !== undefined) ?? [];
    if (own !== undefined && own !== type) {
      return `its attribute ${showName(name)} has type ${own}, and ${type} as a key`;
    }
  }
  return undefined;
}

function findItemFault(item: Item, values: readonly AttributeValue[]): string | undefined {
  const bytes = itemBytes(item);
  if (bytes > DYNAMODB_LIMITS.itemBytes) {
    return `its item has ${bytes} bytes, more than ${DYNAMODB_LIMITS.itemBytes}`;
  }
  for (const value of values) {
    const fault = findValueFault(value);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

function valuesOf(output: TransactWriteItem): readonly AttributeValue[] {
  const { Put, Update, Delete, ConditionCheck } = output;
  const action = Put ?? Update ?? Delete ?? ConditionCheck;
  return [...Object.values(Put?.Item ?? {}), ...Object.values(action?.ExpressionAttributeValues ?? {})];
}

function findValueFault(value: AttributeValue): string | undefined {
  const numbers = value.N === undefined ? (value.NS ?? []) : [value.N];
  const number = numbers.find((digits) => !isNumber(digits));
  if (number !== undefined) {
    return `${quote(number)} is no number of at most ${DYNAMODB_LIMITS.digits} digits`;
  }
  const set = value.SS ?? value.NS ?? value.BS?.map((bytes) => Buffer.from(bytes).toString("base64"));
  if (set !== undefined && (set.length === 0 || new Set(set).size < set.length)) {
    return set.length === 0 ? "a set is empty" : `the set ${quote(set)} has an element twice`;
  }
  for (const inner of value.L ?? Object.values(value.M ?? {})) {
    const fault = findValueFault(inner);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

function isNumber(text: string): boolean {
  const [, whole = "", fraction = ""] = /^[+-]?(\d*)\.?(\d*)(?:[eE][+-]?\d{1,3})?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`;
  return digits !== "" && digits.replace(/^0+|0+$/g, "").length <= DYNAMODB_LIMITS.digits;
}
