// Supervised process
//
// A server or tool that cannot outlive the process that started it, not even
// when that one is killed by SIGKILL, and whose own children end with it.
//
//   SP1  A shell leads a process group of its own, forks a watchdog into it and
//        becomes the program by exec: one pid is the program's and the group's.
//   SP2  The watchdog reads a pipe that only the parent holds open. When the
//        parent ends, however it ends, the read returns and the group is killed.
//   SP3  When the program ends first, the parent kills what is left of the group.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cleanEnvironment } from "./clean-environment.ts";

const watchdogScript = `
exec 3<&0
(read -r _ <&3; kill -s KILL 0) &
exec "$@" 3<&- </dev/null
`;

const STOP_DEADLINE_MS = 10_000;
const SHOWN_LOG_LINES = 20;

export interface SupervisedProcessOptions {
  /** For messages: "Kafka broker 1". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Both output streams are appended to it. */
  readonly logFile: string;
  /** @default - what a program needs of the shell's, see clean-environment.ts */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number;
  /** "code 1" or "signal SIGKILL", once it has ended. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** What this run has printed so far. */
  readLog(): string;
  lastLogLines(): string;
  /** Sends SIGTERM, and SIGKILL when it has not ended by the deadline. */
  stop(deadlineMs?: number): Promise<void>;
  /** Sends SIGKILL to it and to all its children. */
  kill(): Promise<void>;
}

const running = new Set<SupervisedProcess>();

/** Kills all that were started here and have not ended. */
export async function killSupervised(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}

export function startSupervised(options: SupervisedProcessOptions): SupervisedProcess {
  const { name, logFile } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const logStart = statSync(logFile).size;
  const child = spawn("sh", ["-c", watchdogScript, "sh", options.command, ...options.args], {
    detached: true,
    stdio: ["pipe", log, log],
    env: options.env ?? cleanEnvironment(),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${name}: no shell "sh" could be started to run ${options.command}`);
  }

  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      signalGroup(pid, "SIGKILL");
      resolve(signal === null ? `code ${code}` : `signal ${signal}`);
    });
  });
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  const readLog = () => readFileSync(logFile).subarray(logStart).toString("utf8");
  const kill = async () => {
    if (!hasExited()) {
      signalGroup(pid, "SIGKILL");
    }
    await exited;
  };
  const started: SupervisedProcess = {
    name,
    pid,
    exited,
    hasExited,
    readLog,
    lastLogLines: () => readLog().trimEnd().split("\n").slice(-SHOWN_LOG_LINES).join("\n"),
    kill,
    stop: async (deadlineMs = STOP_DEADLINE_MS) => {
      if (!hasExited()) {
        process.kill(pid, "SIGTERM");
      }
      const deadline = new AbortController();
      await Promise.race([exited, delay(deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined)]);
      deadline.abort();
      await kill();
    },
  };
  running.add(started);
  void exited.then(() => running.delete(started));
  return started;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
      throw error;
    }
  }
}
