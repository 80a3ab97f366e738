import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder } from "../../../functions/local/process/cache-folder.ts";
import { downloadJars } from "../../../functions/local/process/maven-download.ts";
import { checkRequirements } from "../../../functions/local/process/requirements.ts";
import { startServer, withFreePorts } from "../../../functions/local/process/start-server.ts";

const DYNAMODB_LOCAL_VERSION = "3.3.1";
const START_DEADLINE_MS = 60_000;
const launcher = new URL("DynamoDBLocalOnLoopback.java", import.meta.url).pathname;

export interface DynamoDBLocalOptions {
  /** Takes its log, and its data when on disk. */
  readonly folder: string;
  /** On disk the data survive a SIGKILL: another one may be started on the same folder. @default "memory" */
  readonly storage?: "memory" | "disk";
}

/** AWS's own DynamoDB engine for development. */
export interface DynamoDBLocal {
  readonly endpoint: string;
  readonly pid: number;
  readonly logFile: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export async function startDynamoDBLocal({ folder, storage = "memory" }: DynamoDBLocalOptions): Promise<DynamoDBLocal> {
  checkRequirements(["java"]);
  const jars = join(await dynamoDBLocalFolder(), "lib");
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  const logFile = join(folder, "dynamodb-local.log");
  return withFreePorts(1, async ([port]) => {
    const server = await startServer({
      name: "DynamoDB Local",
      command: "java",
      args: [
        ...["-Xmx256m", `-Djava.library.path=${jars}`, "-cp", join(jars, "*"), launcher],
        ...["-port", String(port), "-disableTelemetry"],
        ...(storage === "memory" ? ["-inMemory"] : ["-dbPath", data]),
      ],
      cwd: folder,
      logFile,
      readyLine: "DynamoDB Local is ready",
      deadlineMs: START_DEADLINE_MS,
    });
    return {
      endpoint: `http://127.0.0.1:${port}`,
      pid: server.pid,
      logFile,
      stop: () => server.stop(),
      kill: () => server.kill(),
    };
  });
}

/** In a folder of its own: its jars and Kafka's do not go together. */
function dynamoDBLocalFolder(): Promise<string> {
  return cachedFolder({
    name: `dynamodb-local-${DYNAMODB_LOCAL_VERSION}`,
    title: `DynamoDB Local ${DYNAMODB_LOCAL_VERSION} (50 MB)`,
    fill: (empty) => downloadJars(empty, [`software.amazon.dynamodb:DynamoDBLocal:${DYNAMODB_LOCAL_VERSION}`]),
  });
}
