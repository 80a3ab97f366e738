import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const launcher = new URL("../../../functions/cli/ranges.js", import.meta.url).pathname;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Any region and keys will do for a local endpoint. */
export const LOCAL_AWS = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/** Runs `ranges` as a process of its own, as a shell would, with these variables beside or in place of its own. */
export async function runRanges(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const env = { ...process.env, ...LOCAL_AWS, ...variables };
  const child = spawn(process.execPath, [launcher, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

/** The JSON values that a command printed, one per line. */
export function jsonLines(stdout: string): readonly unknown[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
