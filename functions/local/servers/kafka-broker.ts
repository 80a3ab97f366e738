// Kafka broker
//
// A real Apache Kafka (KRaft) on 127.0.0.1, from its published jars. The first
// node of a cluster is broker and controller; others join it as brokers.

import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
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
  /** Takes the node's configuration, data and log; one folder per node, whose data a start (not a restart) empties. */
  readonly folder: string;
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
}

export interface KafkaBroker {
  /** 127.0.0.1:port of the plain listener. */
  readonly bootstrapServers: string;
  /** 127.0.0.1:port by listener name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly clusterId: string;
  readonly controllerAddress: string;
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
  return withFreePorts(2 + extraListeners.length, async ([controllerPort, port, ...extraPorts]) => {
    const listeners = [
      { name: "PLAINTEXT", protocol: "PLAINTEXT", port: Number(port) } as const,
      ...extraListeners.map((listener, index) => ({ ...listener, port: Number(extraPorts[index]) })),
    ];
    const node = {
      classPath,
      options,
      listeners,
      clusterId: options.join?.clusterId ?? newClusterId(),
      controllerAddress: options.join?.controllerAddress ?? `127.0.0.1:${controllerPort}`,
    };
    await prepareFolder(node);
    return supervise(node, await launch(node));
  });
}

interface Node {
  readonly classPath: string;
  readonly options: KafkaBrokerOptions;
  readonly listeners: readonly KafkaListener[];
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

/** Writes the configuration and formats an empty data folder: the format records the controller's port. */
async function prepareFolder(node: Node): Promise<void> {
  const { folder, nodeId = 1, join: joined, properties = {} } = node.options;
  const dataFolder = join(folder, "data");
  await rm(dataFolder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "log4j2.xml"), log4jConfiguration);
  const configuration = renderKafkaProperties({
    nodeId,
    dataFolder,
    listeners: node.listeners,
    controllerAddress: node.controllerAddress,
    isController: joined === undefined,
    properties,
  });
  await writeFile(join(folder, "server.properties"), configuration);
  const quorum = joined === undefined ? ["--standalone"] : ["--no-initial-controllers"];
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
