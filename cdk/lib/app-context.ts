import type { App } from "aws-cdk-lib";
import { Duration } from "aws-cdk-lib";
import type { RangePipelineProps } from "./range-pipeline-props.ts";

/** What `-c name=value` may set for the shipped app. */
export type AppContext = Pick<
  RangePipelineProps,
  "bootstrapServers" | "topics" | "processorTimeout" | "dispatchTimeout" | "maxRecordsPerPartition"
>;

/** Throws Error that names the context value which is missing or wrong. */
export function readAppContext(app: App): AppContext {
  const seconds = (name: string) => mapPresent(readCount(app, name), (value) => Duration.seconds(value));
  const processorTimeout = seconds("processorTimeoutSeconds");
  const dispatchTimeout = seconds("dispatchTimeoutSeconds");
  const maxRecordsPerPartition = readCount(app, "maxRecordsPerPartition");
  return {
    bootstrapServers: readList(app, "bootstrapServers", "b-1.example:9092,b-2.example:9092"),
    topics: readList(app, "topics", "lines"),
    ...(processorTimeout === undefined ? {} : { processorTimeout }),
    ...(dispatchTimeout === undefined ? {} : { dispatchTimeout }),
    ...(maxRecordsPerPartition === undefined ? {} : { maxRecordsPerPartition }),
  };
}

function readList(app: App, name: string, example: string): readonly string[] {
  const value: unknown = app.node.tryGetContext(name);
  if (typeof value !== "string" || value.trim() === "") {
    throw new Error(`context ${name} is not set; pass it as -c ${name}=${example}`);
  }
  const parts = value.split(",").map((part) => part.trim());
  if (parts.includes("")) {
    throw new Error(`context ${name} is ${JSON.stringify(value)}, which has an empty entry; pass it as ${example}`);
  }
  return parts;
}

function readCount(app: App, name: string): number | undefined {
  const value: unknown = app.node.tryGetContext(name);
  if (value === undefined) {
    return undefined;
  }
  // A number of cdk.json, or a text of the command line.
  const isDecimal = typeof value === "number" || (typeof value === "string" && /^[1-9]\d*$/.test(value));
  const count = isDecimal ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(
      `context ${name} is ${JSON.stringify(value)}; expected a whole number of at least 1 without leading zeros`,
    );
  }
  return count;
}

function mapPresent<Value, Result>(value: Value | undefined, map: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : map(value);
}
