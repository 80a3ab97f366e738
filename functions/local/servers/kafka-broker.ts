// Kafka broker
//
// A real Apache Kafka (KRaft) on 127.0.0.1, from its published jars. The first
// node of a cluster is broker and controller; others join it as brokers.

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { checkRequirements } from "../process/requirements.ts";
import { runCommand } from "../process/run-command.ts";
import { startServer, withFreePorts } from "../process/start-server.ts";
import type { SupervisedProcess } from "../process/supervised-process.ts";
import { kafkaClassPath } from "./kafka-download.ts";
import { type KafkaListener, renderKafkaProperties } from "./kafka-properties.ts";

const START_DEADLINE_MS = 60_000;

const log4jConfiguration = `<Configuration status="WARN">
  <Appenders><Console name="console"><PatternLayout pattern="%d{ISO8601} %p %m (%c{1})%n"/></Console></Appenders>
  <Loggers><Root level="INFO"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`;

export interface KafkaBrokerOptions {
  /** Takes the node's configuration, data and log; one folder per node. */
  readonly folder: string;
  /** What a start, which is not a restart, finds of an earlier one: nothing, or its data, then also by itself. @default "emptied" */
  readonly data?: "emptied" | "kept";
  /** Of the controller and of the plain listener; taken if they are free. @default any */
  readonly ports?: readonly number[];
  /** @default 1 */
  readonly nodeId?: number;
  /** A running node whose cluster this one joins. @default a cluster of its own */
  readonly join?: Pick<KafkaBroker, "clusterId" | "controllerAddress">;
  /** Listeners beside PLAINTEXT. @default none */
  readonly listeners?: readonly Omit<KafkaListener, "port">[];
  /** Added to server.properties, or in place of ours. @default none */
  readonly properties?: Readonly<Record<string, string>>;
  /** A folder of classes that the properties name. @default none */
  readonly classFolder?: string;
  /** @default 512 */
  readonly heapMb?: number;
  /** Of Java itself, as `-Dname=value`. @default none */
  readonly jvmOptions?: readonly string[];
}

export interface KafkaBroker {
  /** 127.0.0.1:port of the plain listener. */
  readonly bootstrapServers: string;
  /** 127.0.0.1:port by listener name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly clusterId: string;
  readonly controllerAddress: string;
  /** Of the controller and of the listeners. */
  readonly ports: readonly number[];
  readonly logFile: string;
  /** Of the present run; changes with a restart. */
  readonly pid: number;
  /** Whether the present run has ended, by whatever cause. */
  hasExited(): boolean;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same data and ports, after ending it in order if it still runs. */
  restart(): Promise<void>;
}

export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<KafkaBroker> {
  checkRequirements(["java"]);
  const { classFolder } = options;
  const classPath = [await kafkaClassPath(), ...(classFolder === undefined ? [] : [classFolder])].join(delimiter);
  const extraListeners = options.listeners ?? [];
  const start = async (ports: readonly number[]) => {
    const [controllerPort, port, ...extraPorts] = ports;
    const listeners = [
      { name: "PLAINTEXT", protocol: "PLAINTEXT", port: Number(port) } as const,
      ...extraListeners.map((listener, index) => ({ ...listener, port: Number(extraPorts[index]) })),
    ];
    const node = {
      classPath,
      options,
      listeners,
      ports,
      clusterId: options.join?.clusterId ?? (await keptClusterId(options)) ?? newClusterId(),
      controllerAddress: options.join?.controllerAddress ?? `127.0.0.1:${controllerPort}`,
    };
    await prepareFolder(node);
    return supervise(node, await launch(node));
  };
  return withFreePorts(2 + extraListeners.length, start, options.ports);
}

/** The cluster whose data a start goes on with; undefined where it begins with none. */
export async function keptClusterId({
  folder,
  data = "emptied",
}: Pick<KafkaBrokerOptions, "folder" | "data">): Promise<string | undefined> {
  if (data === "emptied") {
    return undefined;
  }
  const properties = await readFile(join(folder, "data", "meta.properties"), "utf8").catch(() => "");
  return /^cluster\.id=(.+)$/m.exec(properties)?.[1];
}

interface Node {
  readonly classPath: string;
  readonly options: KafkaBrokerOptions;
  readonly listeners: readonly KafkaListener[];
  readonly ports: readonly number[];
  readonly clusterId: string;
  readonly controllerAddress: string;
}

function supervise(node: Node, first: SupervisedProcess): KafkaBroker {
  let running = first;
  const addresses = Object.fromEntries(node.listeners.map(({ name, port }) => [name, `127.0.0.1:${port}`]));
  return {
    bootstrapServers: String(addresses["PLAINTEXT"]),
    addresses,
    clusterId: node.clusterId,
    controllerAddress: node.controllerAddress,
    ports: node.ports,
    logFile: logFileOf(node),
    get pid() {
      return running.pid;
    },
    hasExited: () => running.hasExited(),
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: async () => {
      await running.stop();
      running = await launch(node);
    },
  };
}

/** Writes the configuration, and formats an empty data folder. */
async function prepareFolder(node: Node): Promise<void> {
  const { folder, nodeId = 1, join: joined, properties = {}, data = "emptied" } = node.options;
  const dataFolder = join(folder, "data");
  const isFormatted = (await keptClusterId(node.options)) !== undefined;
  if (!isFormatted) {
    await rm(dataFolder, { recursive: true, force: true });
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "log4j2.xml"), log4jConfiguration);
  const configuration = renderKafkaProperties({
    nodeId,
    dataFolder,
    listeners: node.listeners,
    controllerAddress: node.controllerAddress,
    isController: joined === undefined,
    isQuorumKept: data === "emptied",
    properties,
  });
  await writeFile(join(folder, "server.properties"), configuration);
  if (isFormatted) {
    return;
  }
  const quorum = data === "kept" ? [] : joined === undefined ? ["--standalone"] : ["--no-initial-controllers"];
  const args = ["format", "-t", node.clusterId, "-c", join(folder, "server.properties")];
  await runCommand({
    name: `formatting Kafka broker ${nodeId}`,
    ...javaCommand(node, "kafka.tools.StorageTool", [...args, ...quorum]),
    logFile: join(folder, "format.log"),
    deadlineMs: START_DEADLINE_MS,
  });
}

function launch(node: Node): Promise<SupervisedProcess> {
  const { folder, nodeId = 1 } = node.options;
  return startServer({
    name: `Kafka broker ${nodeId}`,
    ...javaCommand(node, "kafka.Kafka", [join(folder, "server.properties")]),
    logFile: logFileOf(node),
    readyLine: "Kafka Server started",
    deadlineMs: START_DEADLINE_MS,
  });
}

function javaCommand({ classPath, options }: Node, mainClass: string, args: readonly string[]) {
  const configuration = join(options.folder, "log4j2.xml");
  const jvm = [
    "-XX:+UseSerialGC",
    `-Xmx${options.heapMb ?? 512}m`,
    `-Dlog4j2.configurationFile=${configuration}`,
    ...(options.jvmOptions ?? []),
    "-cp",
    classPath,
  ];
  return { command: "java", args: [...jvm, mainClass, ...args], cwd: options.folder };
}

function logFileOf({ options }: Node): string {
  return join(options.folder, "kafka.log");
}

/** A Kafka Uuid; one that began with a dash would be read as an option. */
function newClusterId(): string {
  return randomBytes(16).toString("base64url").replace(/^-/, "A");
}
