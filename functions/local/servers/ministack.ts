import { mkdir, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NO_AWS_IDENTITY } from "../deploy/local-aws.ts";
import { cachedFolder } from "../process/cache-folder.ts";
import { cleanEnvironment } from "../process/clean-environment.ts";
import { checkRequirements } from "../process/requirements.ts";
import { runCommand } from "../process/run-command.ts";
import { startServer, withFreePorts } from "../process/start-server.ts";

const MINISTACK_VERSION = "1.5.33";
const STATE = "state";
const OBJECTS = "s3";
const INSTALL_DEADLINE_MS = 600_000;
const START_DEADLINE_MS = 60_000;
const requirementsFile = fileURLToPath(new URL("ministack-requirements.txt", import.meta.url));

export interface MiniStackOptions {
  /** Takes its log and what it stores. */
  readonly folder: string;
  /**
   * Takes the code of its functions while they run. Not within a project: they would take the project's package.json for
   * their own, and find its packages. @default a part of `folder`
   */
  readonly temporary?: string;
  /** What becomes of what it holds when it is stopped: the next one on this folder has it, or nobody. @default "dropped" */
  readonly data?: "kept" | "dropped";
  /** Taken if it is free. @default any */
  readonly port?: number;
}

/** A LocalStack-compatible AWS endpoint; its functions run in processes of this Node. */
export interface MiniStack {
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Whether it has ended, by whatever cause. */
  hasExited(): boolean;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it, and its functions, by SIGKILL; what it held is lost. */
  kill(): Promise<void>;
}

export async function startMiniStack(options: MiniStackOptions): Promise<MiniStack> {
  const { folder, temporary = join(folder, "tmp"), data = "dropped", port: wanted } = options;
  checkRequirements(["python"]);
  const installed = await miniStackFolder();
  await mkdir(folder, { recursive: true });
  await mkdir(temporary, { recursive: true });
  const logFile = join(folder, "ministack.log");
  const start = async ([port]: readonly number[]) => {
    const server = await startServer({
      name: "MiniStack",
      command: join(installed, "bin", "python3"),
      args: ["-m", "ministack"],
      cwd: folder,
      env: {
        ...cleanEnvironment(),
        // Its functions inherit it: none of them finds the user's own profiles or role.
        ...NO_AWS_IDENTITY,
        // Its local executor runs the first `node` of PATH for every Node runtime.
        PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
        GATEWAY_PORT: String(port),
        BIND_HOST: "127.0.0.1",
        LAMBDA_EXECUTOR: "local",
        TMPDIR: temporary,
        STATE_DIR: join(folder, STATE),
        S3_DATA_DIR: join(folder, OBJECTS),
        ...(data === "kept" ? { PERSIST_STATE: "1", S3_PERSIST: "1" } : {}),
        PYTHONUNBUFFERED: "1",
      },
      logFile,
      readyLine: `Running on http://127.0.0.1:${port}`,
      deadlineMs: START_DEADLINE_MS,
    });
    return {
      endpoint: `http://127.0.0.1:${port}`,
      port: Number(port),
      pid: server.pid,
      logFile,
      hasExited: () => server.hasExited(),
      stop: () => server.stop(),
      kill: () => server.kill(),
    };
  };
  return withFreePorts(1, start, wanted === undefined ? [] : [wanted]);
}

/** Drops what a stopped one has kept in its folder. */
export async function emptyMiniStack(folder: string): Promise<void> {
  await Promise.all([STATE, OBJECTS].map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** A virtual environment; its interpreter is called directly, since its scripts name the folder they were made in. */
function miniStackFolder(): Promise<string> {
  return cachedFolder({
    name: `ministack-${MINISTACK_VERSION}`,
    title: `MiniStack ${MINISTACK_VERSION} (20 MB)`,
    fill: async (folder) => {
      checkRequirements(["python", "pythonVenv"]);
      await runCommand({
        name: "python3 -m venv",
        command: "python3",
        args: ["-m", "venv", folder],
        env: process.env,
        logFile: join(folder, "venv.log"),
        deadlineMs: INSTALL_DEADLINE_MS,
      });
      await runCommand({
        name: "pip",
        command: join(folder, "bin", "python3"),
        args: ["-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", requirementsFile],
        // Its mirrors and certificates are the user's.
        env: process.env,
        logFile: join(folder, "pip.log"),
        deadlineMs: INSTALL_DEADLINE_MS,
      });
    },
  });
}
