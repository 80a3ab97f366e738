// Output refusal
//
// What to say where DynamoDB refuses a transaction's whole request and not one of its
// actions: which output it is about, or which table. The tables' keys are asked for, which
// CDK's grants of writing allow; where they may not be, what the outputs say themselves
// has to do.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { listNames } from "../../core/bounded-text.ts";
import { ConfigurationError, InvalidOutputError } from "../../core/errors.ts";
import { type DynamoDBCalls, isAnswer } from "../calls/dynamodb-calls.ts";
import { MAX_DESCRIBED_TABLES } from "../items/limits.ts";
import { findOutputFault } from "./output-faults.ts";
import { actionOf } from "./output-shape.ts";
import { describeOutput } from "./outputs.ts";
import { repeatedItemError, type TableKeys } from "./repeated-item.ts";

/** What DynamoDB answers to a request that no repetition makes right. */
const invalidRequests = new Set(["SerializationException", "ValidationException"]);

/** Of the tables that a refusal was about, for the function's life: what stands twice is then seen before it is sent. */
export type KnownTables = Map<string, TableKeys>;

/** Undefined for an error that is about neither the outputs nor their tables; keeps in `knownTables` what it learns. */
export async function explainRefusedRequest(
  { calls, knownTables }: { readonly calls: DynamoDBCalls; readonly knownTables: KnownTables },
  outputs: readonly TransactWriteItem[],
  cause: Error,
): Promise<Error | undefined> {
  if (invalidRequests.has(cause.name)) {
    const tables = await describeTables(calls, outputs);
    for (const [name, keys] of tables) {
      if (typeof keys === "object") {
        knownTables.set(name, keys);
      }
    }
    return invalidOutput(outputs, tables, cause);
  }
  if (cause.name === "ResourceNotFoundException") {
    return missingTable(outputs, await describeTables(calls, outputs), cause);
  }
  if (cause.name === "AccessDeniedException") {
    const needed = new Set(outputs.map(actionOf).map(({ verb, tableName }) => `${PERMISSIONS[verb]} on ${tableName}`));
    return new ConfigurationError(
      `the outputs may not be written, and nothing was: grant the processor function ${listNames([...needed])}: ${cause.message}`,
      { cause },
    );
  }
  return undefined;
}

const PERMISSIONS = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  ConditionCheck: "dynamodb:ConditionCheckItem",
} as const;

type Tables = ReadonlyMap<string, TableKeys | "missing" | "unknown">;

function invalidOutput(outputs: readonly TransactWriteItem[], tables: Tables, cause: Error): Error {
  const said = `${cause.name}: ${cause.message}`;
  const keysOf = (tableName: string) => {
    const keys = tables.get(tableName);
    return typeof keys === "object" ? keys : undefined;
  };
  const fault = findOutputFault(outputs, keysOf);
  if (fault?.repeated !== undefined) {
    return repeatedItemError(fault.repeated, cause);
  }
  if (fault !== undefined) {
    const { index, why } = fault;
    const what = `${describeOutput(outputs, index)}, cannot be written, and nothing was: ${why}`;
    return new InvalidOutputError(`${what} (${said})`, { outputIndex: index, cause });
  }
  const all = outputs.map((_, index) => describeOutput(outputs, index));
  return new InvalidOutputError(`the outputs cannot be written, and nothing was: ${said}: ${listNames(all)}`, {
    cause,
    ...(outputs.length === 1 ? { outputIndex: 0 } : {}),
  });
}

/** Undefined where all of them are there: then it is the ledger's. */
function missingTable(
  outputs: readonly TransactWriteItem[],
  tables: Tables,
  cause: Error,
): ConfigurationError | undefined {
  const known = [...tables].filter(([, keys]) => keys === "missing").map(([name]) => name);
  const suspects =
    known.length > 0 ? known : [...tables].filter(([, keys]) => keys === "unknown").map(([name]) => name);
  if (suspects.length === 0) {
    return undefined;
  }
  const index = outputs.findIndex((output) => suspects.includes(actionOf(output).tableName));
  const which = `${suspects.length > 1 && known.length === 0 ? "one of the tables" : "table"} ${listNames(suspects)}`;
  return new ConfigurationError(
    `${which} does not exist in this account and region, and nothing was written: ${describeOutput(outputs, index)}; create it, or mend its name in the function's configuration`,
    { cause },
  );
}

async function describeTables(calls: DynamoDBCalls, outputs: readonly TransactWriteItem[]): Promise<Tables> {
  const names = [...new Set(outputs.map((output) => actionOf(output).tableName))];
  const described = names
    .slice(0, MAX_DESCRIBED_TABLES)
    .map(async (name) => [name, await describeTable(calls, name)] as const);
  return new Map([...names.map((name) => [name, "unknown"] as const), ...(await Promise.all(described))]);
}

async function describeTable(calls: DynamoDBCalls, name: string): Promise<TableKeys | "missing" | "unknown"> {
  try {
    const { Table } = await calls.describeTable({ TableName: name });
    const keys = (Table?.KeySchema ?? []).flatMap(({ AttributeName, KeyType }) =>
      AttributeName === undefined ? [] : [{ name: AttributeName, isSortKey: KeyType === "RANGE" }],
    );
    const types = new Map(
      (Table?.AttributeDefinitions ?? []).map(({ AttributeName = "", AttributeType = "" }) => [
        AttributeName,
        AttributeType,
      ]),
    );
    return keys.length === 0 ? "unknown" : { keys, types };
  } catch (error) {
    // Whatever else keeps the answer away: the refusal itself is reported all the same.
    return isAnswer(error) && error.name === "ResourceNotFoundException" ? "missing" : "unknown";
  }
}
