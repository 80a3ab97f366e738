// Plain outputs
//
// Outputs made of plain values, by DynamoDB's own document marshalling: texts, numbers,
// bigints, booleans, null, bytes, sets, arrays and objects.
//
//   PO1  Numbers are exact: a bigint of any size, and a number up to 2^53; what a number cannot
//        hold exactly is refused. What is undefined is left out, of objects and of arrays.

import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { showName } from "../../core/bounded-text.ts";
import { InvalidOutputError } from "../../core/errors.ts";

/** What has to hold for the item as it is before the write; otherwise nothing of the commit takes effect. */
export interface OutputCondition {
  /** DynamoDB's condition expression, as `attribute_not_exists(id)`. */
  readonly expression: string;
  /** Of the attributes that it names `#name`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Plain values of what it calls `:value`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** What becomes of an item's attributes; those that are not named stay. */
export interface ItemChanges {
  /** Attributes and their new values; one that is undefined is left as it is. */
  readonly set?: object;
  /** Numbers to add to attributes, 0 where there is none yet; or sets, whose elements are added. */
  readonly add?: Readonly<Record<string, number | bigint | ReadonlySet<unknown> | undefined>>;
  /** Attributes to take away. */
  readonly remove?: readonly string[];
}

/** Writes an item whatever was there. Throws InvalidOutputError for a value that DynamoDB has no type for. */
export function put(tableName: string, item: object, condition?: OutputCondition): TransactWriteItem {
  const where = `put to table ${tableName}`;
  return { Put: { TableName: tableName, Item: toItem(where, item), ...toCondition(where, condition) } };
}

/** Changes an item, or begins one. Throws InvalidOutputError where nothing is changed, or a value has no type. */
export function update(
  tableName: string,
  key: object,
  changes: ItemChanges,
  condition?: OutputCondition,
): TransactWriteItem {
  const where = `update of table ${tableName}`;
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const clause = (verb: string, attributes: object, write: (name: string, value: string) => string) => {
    const parts = Object.entries(toItem(where, attributes)).map(([attribute, value], index) => {
      const id = `${verb.toLowerCase()}${index}`;
      names[`#${id}`] = attribute;
      values[`:${id}`] = value;
      return write(`#${id}`, `:${id}`);
    });
    return parts.length === 0 ? [] : [`${verb} ${parts.join(", ")}`];
  };
  const removed = (changes.remove ?? []).map((attribute, index) => {
    names[`#remove${index}`] = attribute;
    return `#remove${index}`;
  });
  const clauses = [
    ...clause("SET", changes.set ?? {}, (name, value) => `${name} = ${value}`),
    ...clause("ADD", changes.add ?? {}, (name, value) => `${name} ${value}`),
    ...(removed.length === 0 ? [] : [`REMOVE ${removed.join(", ")}`]),
  ];
  if (clauses.length === 0) {
    throw new InvalidOutputError(`${where} changes nothing: expected attributes in set, add or remove`);
  }
  const asked = toCondition(where, condition);
  const allValues = { ...asked.ExpressionAttributeValues, ...values };
  return {
    Update: {
      TableName: tableName,
      Key: toItem(where, key),
      UpdateExpression: clauses.join(" "),
      ...asked,
      ExpressionAttributeNames: { ...asked.ExpressionAttributeNames, ...names },
      ...(Object.keys(allValues).length === 0 ? {} : { ExpressionAttributeValues: allValues }),
    },
  };
}

/** Deletes an item, if it is there. */
export function del(tableName: string, key: object, condition?: OutputCondition): TransactWriteItem {
  const where = `delete from table ${tableName}`;
  return { Delete: { TableName: tableName, Key: toItem(where, key), ...toCondition(where, condition) } };
}

interface Conditioned {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

function toCondition(where: string, condition: OutputCondition | undefined): Conditioned {
  if (condition === undefined) {
    return {};
  }
  const { expression, names, values } = condition;
  return {
    ConditionExpression: expression,
    ...(names === undefined ? {} : { ExpressionAttributeNames: { ...names } }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: toItem(`the condition of ${where}`, values) }),
  };
}

/** Attribute by attribute, so that a message names the one that is wrong. */
function toItem(where: string, attributes: object): Record<string, AttributeValue> {
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw new InvalidOutputError(`${where}: expected an object of attributes`);
  }
  const marshalled = Object.entries(attributes).flatMap(([name, value]) => {
    try {
      return Object.entries(marshall({ [name]: value }, { removeUndefinedValues: true }));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidOutputError(
        `${where}: its attribute ${showName(name)} has a value without a type in DynamoDB: expected text, a number up to 2^53, a bigint, true, false, null, bytes, a set that is not empty, or arrays and plain objects of these (${why})`,
        { cause },
      );
    }
  });
  return Object.fromEntries(marshalled);
}
