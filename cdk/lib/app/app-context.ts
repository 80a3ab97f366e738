import type { App } from "aws-cdk-lib";
import { Duration } from "aws-cdk-lib";
import { quote } from "../../../shared/core/bounded-text.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { LOCAL_BOOTSTRAP_SERVERS } from "../../../shared/wire/environment/local-context.ts";
import { refuseProps } from "../props/refuse-props.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";

/** What `-c name=value` may set for the shipped app. */
export type AppContext = Pick<
  RangePipelineProps,
  "bootstrapServers" | "topics" | "processorTimeout" | "dispatchTimeout" | "maxRecordsPerPartition"
>;

/** Throws ValidationError that names every context value which is missing or wrong. */
export function readAppContext(app: App): AppContext {
  const isLocal = app.node.tryGetContext(LOCAL_BOOTSTRAP_SERVERS) !== undefined;
  const servers = isLocal ? LOCAL_BOOTSTRAP_SERVERS : "bootstrapServers";
  const bootstrapServers = readList(app, servers, "b-1.example:9092,b-2.example:9092");
  const topics = readList(app, "topics", "lines");
  const processorTimeout = readCount(app, "processorTimeoutSeconds");
  const dispatchTimeout = readCount(app, "dispatchTimeoutSeconds");
  const maxRecordsPerPartition = readCount(app, "maxRecordsPerPartition");
  const read = [bootstrapServers, topics, processorTimeout, dispatchTimeout, maxRecordsPerPartition];
  refuseProps(
    app,
    read.flatMap(({ problem }) => problem ?? []),
  );
  return {
    bootstrapServers: bootstrapServers.value ?? [],
    topics: topics.value ?? [],
    ...(processorTimeout.value === undefined ? {} : { processorTimeout: Duration.seconds(processorTimeout.value) }),
    ...(dispatchTimeout.value === undefined ? {} : { dispatchTimeout: Duration.seconds(dispatchTimeout.value) }),
    ...omitUndefined({ maxRecordsPerPartition: maxRecordsPerPartition.value }),
  };
}

/** A value, or what is wrong with it; neither where there is none and none is needed. */
interface Read<Value> {
  readonly value?: Value;
  readonly problem?: string;
}

function readList(app: App, name: string, example: string): Read<readonly string[]> {
  const value: unknown = app.node.tryGetContext(name);
  if (typeof value !== "string" || value.trim() === "") {
    return { problem: `context ${name} is not set; pass it as -c ${name}=${example}` };
  }
  const parts = value.split(",").map((part) => part.trim());
  return parts.includes("")
    ? { problem: `context ${name} is ${quote(value)}, which has an empty entry; pass it as ${example}` }
    : { value: parts };
}

function readCount(app: App, name: string): Read<number> {
  const value: unknown = app.node.tryGetContext(name);
  if (value === undefined) {
    return {};
  }
  // A number of cdk.json, or a text of the command line.
  const isDecimal = typeof value === "number" || (typeof value === "string" && /^[1-9]\d*$/.test(value));
  const count = isDecimal ? Number(value) : Number.NaN;
  return Number.isSafeInteger(count) && count >= 1
    ? { value: count }
    : {
        problem: `context ${name} is ${quote(value)}; expected a whole number of at least 1 without leading zeros`,
      };
}
