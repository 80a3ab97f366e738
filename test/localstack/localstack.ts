// LocalStack without Docker
//
// The emulator from PyPI on this machine: its functions are processes of this Node
// (plugin/process_executor.py), its DynamoDB is the DynamoDB Local of the other tests.
// Of what needs no account's token it is the same as in the container, but for the
// scheduler, which fires in neither.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder } from "../../functions/local/process/cache-folder.ts";
import { cleanEnvironment } from "../../functions/local/process/clean-environment.ts";
import { runCommand } from "../../functions/local/process/run-command.ts";
import { startServer, withFreePorts } from "../../functions/local/process/start-server.ts";
import { startDynamoDBLocal } from "../local/servers/dynamodb-local.ts";
import { findPython, LOCALSTACK_VERSION } from "./python.ts";

const INSTALL_DEADLINE_MS = 900_000;
const START_DEADLINE_MS = 120_000;
const requirementsFile = new URL("requirements.txt", import.meta.url).pathname;
const pluginFolder = new URL("plugin", import.meta.url).pathname;

export interface LocalStackOptions {
  /** Takes its log and whatever it writes. */
  readonly folder: string;
}

export interface LocalStack {
  readonly endpoint: string;
  /** Also the process group of its functions' processes. */
  readonly pid: number;
  readonly logFile: string;
  /** The engine behind its DynamoDB, spoken to directly. */
  readonly dynamodbLocalEndpoint: string;
  stop(): Promise<void>;
}

export async function startLocalStack({ folder }: LocalStackOptions): Promise<LocalStack> {
  const installed = await localStackFolder();
  const temporary = join(folder, "tmp");
  await mkdir(temporary, { recursive: true });
  const logFile = join(folder, "localstack.log");
  const dynamodb = await startDynamoDBLocal({ folder: join(folder, "dynamodb-local") });
  try {
    return await withFreePorts(1, async ([port]) => {
      const server = await startServer({
        name: "LocalStack",
        command: join(installed, "bin", "python3"),
        args: ["-m", "localstack.runtime.main"],
        cwd: folder,
        env: {
          ...cleanEnvironment(),
          GATEWAY_LISTEN: `127.0.0.1:${port}`,
          // The default server binds every interface.
          GATEWAY_SERVER: "hypercorn",
          OVERRIDE_IN_DOCKER: "0",
          FILESYSTEM_ROOT: join(folder, "root"),
          TMPDIR: temporary,
          // Its index of plugins is kept there.
          XDG_CACHE_HOME: join(folder, "cache"),
          DNS_ADDRESS: "0",
          SKIP_SSL_CERT_DOWNLOAD: "1",
          DISABLE_EVENTS: "1",
          PYTHONPATH: pluginFolder,
          PYTHONDONTWRITEBYTECODE: "1",
          PYTHONUNBUFFERED: "1",
          LAMBDA_RUNTIME_EXECUTOR: "process",
          LAMBDA_NODE: process.execPath,
          DYNAMODB_LOCAL_PORT: new URL(dynamodb.endpoint).port,
        },
        logFile,
        readyLine: "Ready.",
        deadlineMs: START_DEADLINE_MS,
      });
      return {
        endpoint: `http://127.0.0.1:${port}`,
        pid: server.pid,
        logFile,
        dynamodbLocalEndpoint: dynamodb.endpoint,
        // Nothing of it is kept, and its own end takes ten seconds.
        stop: async () => {
          await Promise.all([server.kill(), dynamodb.stop()]);
        },
      };
    });
  } catch (error) {
    await dynamodb.stop();
    throw error;
  }
}

/** A virtual environment; its interpreter is called directly, since its scripts name the folder they were made in. */
function localStackFolder(): Promise<string> {
  return cachedFolder({
    name: `localstack-${LOCALSTACK_VERSION}`,
    title: `LocalStack ${LOCALSTACK_VERSION} (110 MB)`,
    fill: async (folder) => {
      const shared = { env: process.env, deadlineMs: INSTALL_DEADLINE_MS };
      await runCommand({
        name: "python -m venv",
        command: findPython(),
        args: ["-m", "venv", folder],
        logFile: join(folder, "venv.log"),
        ...shared,
      });
      await runCommand({
        name: "pip",
        command: join(folder, "bin", "python3"),
        // The file names every package, and some of them have versions that do not go together.
        args: [
          ...["-m", "pip", "install", "--disable-pip-version-check"],
          ...["--no-deps", "--require-hashes", "-r", requirementsFile],
        ],
        logFile: join(folder, "pip.log"),
        // Its mirrors and certificates are the user's.
        ...shared,
      });
    },
  });
}
