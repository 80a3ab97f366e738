// Dev run
//
// `ranges dev`: the user's own app on local servers, deployed again at each save, until
// Ctrl-C; or so many batches, and then the ledger's verdict.

import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { LOCAL_BOOTSTRAP_SERVERS } from "../../../shared/wire/environment/local-context.ts";
import type { CdkProject } from "../deploy/cdk-project.ts";
import { openStateFolder, type StateFolder } from "../project/state-folder.ts";
import { makeTemporaryFolder, removeLeftFolders } from "../project/temporary-folder.ts";
import type { Interrupts } from "../run/interrupts.ts";
import { LocalRun } from "../run/local-run.ts";
import { type LocalServers, startLocalServers } from "../run/local-servers.ts";
import { keptClusterId } from "../servers/kafka-broker.ts";
import { createMissingTopics, readClusterId } from "../topics/create-topics.ts";
import { produceFile } from "../topics/produce-file.ts";
import type { LineFormat } from "../topics/read-record-line.ts";
import type { LiveTable } from "../view/live-table.ts";
import { lookAroundLines } from "../view/look-around.ts";
import { DevDeployment } from "./dev-deployment.ts";
import { followPipelines } from "./follow-pipelines.ts";
import type { DevPipeline } from "./open-pipelines.ts";
import { type RedeployOptions, redeployOnSave } from "./redeploy-on-save.ts";
import { letterTopicsOf, partitionsOf, produceTopicOf, topicsOf } from "./topics-of.ts";
import { giveVerdict } from "./verdict.ts";

/** The functions run on this machine, and load what is built for it. */
const LOCAL_ARCHITECTURE = {
  "kafka-offset-ranges:architecture": process.arch === "arm64" ? "arm64" : "x86_64",
} as const;

export interface DevOptions {
  readonly project: CdkProject;
  readonly context: Readonly<Record<string, string>>;
  readonly table: LiveTable;
  readonly interrupts: Pick<Interrupts, "stopping">;
  readonly intervalMs: number;
  /** Ends by itself after so many, with the verdict. */
  readonly batches?: number | undefined;
  /** Forgets what earlier runs left. */
  readonly isFresh: boolean;
  /** Of a topic that is created. */
  readonly partitions: number;
  readonly produce?: { readonly file: string; readonly format: LineFormat } | undefined;
  /** Where `produce` goes, where that is not plain. */
  readonly topic?: string | undefined;
  /** That are created beside those which pipelines read: what they write to. */
  readonly createTopics: readonly string[];
  /** The user's own servers; started when absent. */
  readonly bootstrapServers?: string | undefined;
  readonly awsEndpoint?: string | undefined;
  /** Is told the folder that is to be removed should the run end at once. */
  readonly onTemporary: (folder: string) => void;
}

/** Whether the verdict is good; true without one. */
export async function runDev(options: DevOptions): Promise<boolean> {
  const state = openStateFolder(options.project.folder, options);
  await removeLeftFolders(tmpdir());
  const temporary = await makeTemporaryFolder(tmpdir());
  options.onTemporary(temporary);
  try {
    const servers = await startServers(options, state, temporary);
    try {
      return await runOn(servers, options, state);
    } finally {
      options.table.note("stopping the servers");
      await servers.stop();
      state.end();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
    state.release();
  }
}

async function startServers(options: DevOptions, state: StateFolder, temporary: string): Promise<LocalServers> {
  const { bootstrapServers, awsEndpoint, table } = options;
  const say = (line: string) => table.note(line);
  const kafkaFolder = join(state.path, "kafka");
  const clusterId =
    bootstrapServers === undefined
      ? await keptClusterId({ folder: kafkaFolder, data: "kept" })
      : await readClusterId(bootstrapServers);
  if (awsEndpoint === undefined) {
    const { note } = await state.claimLedger(clusterId);
    if (note !== undefined) {
      say(note);
    }
  }
  const servers = await startLocalServers({
    folder: state.path,
    bootstrapServers,
    awsEndpoint,
    isKept: true,
    temporary,
    ports: state.ports,
    say,
  });
  state.begin({ ports: servers.ports(), clusterId: clusterId ?? (await readClusterId(servers.bootstrapServers)) });
  return servers;
}

async function runOn(servers: LocalServers, options: DevOptions, state: StateFolder): Promise<boolean> {
  const { project, table, interrupts, intervalMs, batches, context } = options;
  const { stopping } = interrupts;
  const say = (line: string) => table.note(line);
  const deployment = new DevDeployment({
    project,
    endpoint: () => servers.endpoint,
    folder: join(state.path, "cdk"),
    whileQuiet: (act) => run.whileQuiet(act),
    context: { ...context, ...LOCAL_ARCHITECTURE, [LOCAL_BOOTSTRAP_SERVERS]: servers.bootstrapServers },
  });
  const ended = new AbortController();
  const logs = followPipelines({ endpoint: () => servers.endpoint, deployment, say, signal: ended.signal });
  const untold = createFilter(() => servers.endpoint);
  const prepare = async (pipelines: readonly DevPipeline[]) => {
    await createTopics(servers, pipelines, options);
    logs.follow(pipelines);
    for (const line of lookAroundOf(servers, untold(pipelines))) {
      say(line);
    }
    return pipelines;
  };
  const run = new LocalRun({
    servers,
    table,
    intervalMs,
    signal: stopping,
    deploy: async () => {
      say(`deploying ${project.app} to ${servers.endpoint}`);
      return prepare(requirePipelines(await deployment.deploy()));
    },
  });
  try {
    await run.deploy();
    const pipelines = run.pipelines as readonly DevPipeline[]; // Those that `deploy` answered.
    await produce(servers, pipelines, options);
    return await run.watchWhile(async () => {
      await runWhileSaved({ project, deployment, run, prepare, say, signal: stopping }, batches);
      if (batches === undefined) {
        return true;
      }
      stopping.throwIfAborted();
      return giveVerdict(run, say, stopping);
    });
  } finally {
    ended.abort();
    await logs.ended();
    await run.close();
  }
}

/** The batches, with whatever is saved meanwhile. */
async function runWhileSaved(options: RedeployOptions, batches: number | undefined): Promise<void> {
  const done = new AbortController();
  const saves = redeployOnSave({ ...options, signal: AbortSignal.any([options.signal, done.signal]) });
  try {
    await options.run.runBatches(batches);
  } finally {
    done.abort();
    await saves;
  }
}

function requirePipelines(pipelines: readonly DevPipeline[]): readonly DevPipeline[] {
  if (pipelines.length === 0) {
    throw new ConfigurationError("the app has no RangePipeline: its stacks are deployed, and nothing is to be run");
  }
  return pipelines;
}

async function createTopics(
  { bootstrapServers }: LocalServers,
  pipelines: readonly DevPipeline[],
  { partitions, topic, createTopics: written, table }: DevOptions,
): Promise<void> {
  const topics = new Map(topicsOf(pipelines, partitions));
  const others = [...(topic === undefined ? [] : [topic]), ...written, ...letterTopicsOf(pipelines)];
  for (const other of others) {
    topics.set(other, topics.get(other) ?? partitions);
  }
  const note = await createMissingTopics({ bootstrapServers, topics });
  if (note !== undefined) {
    table.note(note);
  }
}

async function produce(
  { bootstrapServers }: LocalServers,
  pipelines: readonly DevPipeline[],
  { produce: produced, topic: named, table }: DevOptions,
): Promise<void> {
  if (produced === undefined) {
    return;
  }
  const topic = produceTopicOf(pipelines, named);
  const count = await produceFile({ bootstrapServers, topic, ...produced });
  table.note(`produced ${count} records of ${produced.file} to ${topic}`);
}

/** Lets each pipeline pass once: one that a save has added is told of, too, and all are of an endpoint that is a new one. */
function createFilter(endpoint: () => string): (pipelines: readonly DevPipeline[]) => readonly DevPipeline[] {
  const told = new Set<string>();
  const keyOf = ({ running }: DevPipeline) =>
    `${endpoint()} ${running.outputs.LedgerTableName} ${running.outputs.PipelineName}`;
  return (pipelines) => {
    const passed = pipelines.filter((pipeline) => !told.has(keyOf(pipeline)));
    for (const pipeline of passed) {
      told.add(keyOf(pipeline));
    }
    return passed;
  };
}

/** In the first pipeline's account: stacks of several are seldom. */
function lookAroundOf(servers: LocalServers, pipelines: readonly DevPipeline[]): readonly string[] {
  const { endpoint, bootstrapServers } = servers;
  const [first] = pipelines;
  return first === undefined
    ? []
    : lookAroundLines({
        endpoint,
        bootstrapServers,
        environment: first.environment,
        pipelines: pipelines.map((pipeline) => ({
          outputs: pipeline.running.outputs,
          partition: partitionsOf(pipeline)[0],
        })),
      });
}
