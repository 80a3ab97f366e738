// Synthesize app
//
// Runs a CDK app as the CDK CLI does (by its variables), but without the CLI, which looks
// up in the account what the app asks for: on a local endpoint nothing is to be found.

import { mkdir, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { ARCHITECTURE_CONTEXT } from "../../../shared/wire/deployment/architecture-context.ts";
import { hostArchitecture } from "../process/host-architecture.ts";
import { runCommand } from "../process/run-command.ts";
import { forgetLookups } from "./assembly.ts";
import type { CdkProject } from "./cdk-project.ts";
import { localAwsVariables, withoutAws } from "./local-aws.ts";

const DEADLINE_MS = 300_000;
const MAX_SHOWN_LINES = 12;

/** What the CLI always sets: names and places of assets, bundles of every stack, no reporting. */
const CLI_CONTEXT = {
  "aws:cdk:enable-path-metadata": true,
  "aws:cdk:enable-asset-metadata": true,
  "aws:cdk:disable-version-reporting": true,
  "aws:cdk:bundling-stacks": ["**"],
} as const;

export interface Synthesis {
  readonly project: CdkProject;
  readonly endpoint: string;
  /** Takes the assembly; emptied before. */
  readonly assemblyFolder: string;
  readonly logFile: string;
  /** What the app reads as `-c name=value`, beside its cdk.json. */
  readonly context: Readonly<Record<string, string>>;
  /** Takes the names of the files that the app has loaded, where its Node tells them. */
  readonly loadsFile?: string;
}

/** Throws with the last lines that the app has printed, where it fails. */
export async function synthesizeApp(synthesis: Synthesis): Promise<void> {
  const { project, endpoint, assemblyFolder, logFile, context, loadsFile } = synthesis;
  await rm(assemblyFolder, { recursive: true, force: true });
  await mkdir(assemblyFolder, { recursive: true });
  await runCommand({
    name: "the CDK app",
    command: "sh",
    args: ["-c", project.app],
    cwd: project.folder,
    env: {
      ...withoutAws(process.env),
      ...localAwsVariables(endpoint),
      // As npm does it; the node that runs us runs the app: the shell's may be older.
      PATH: [
        dirname(process.execPath),
        join(project.folder, "node_modules", ".bin"),
        ...(process.env["PATH"] === undefined ? [] : [process.env["PATH"]]),
      ].join(delimiter),
      ...(loadsFile === undefined ? {} : recording(loadsFile)),
      CDK_OUTDIR: assemblyFolder,
      CDK_CONTEXT_JSON: JSON.stringify({
        ...project.context,
        ...CLI_CONTEXT,
        // A local endpoint runs the functions by this machine's Node.js.
        [ARCHITECTURE_CONTEXT]: hostArchitecture(),
        ...context,
      }),
    },
    logFile,
    deadlineMs: DEADLINE_MS,
    excerpt: firstError,
  });
  forgetLookups(assemblyFolder);
}

function recording(loadsFile: string): NodeJS.ProcessEnv {
  const options = ["--import", new URL("record-loads.js", import.meta.url).href];
  return {
    KAFKA_OFFSET_RANGES_LOADS: loadsFile,
    NODE_OPTIONS: [process.env["NODE_OPTIONS"] ?? "", ...options].join(" ").trim(),
  };
}

/** esbuild's first word where the code does not compile, otherwise what the app said first: what follows is CDK's trace. */
function firstError(log: string): string {
  const lines = log.split("\n").filter((line) => !line.startsWith("Bundling asset ") && line.trim() !== "");
  const first = Math.max(
    0,
    lines.findIndex((line) => line.includes("[ERROR]")),
  );
  return lines.slice(first, first + MAX_SHOWN_LINES).join("\n");
}
