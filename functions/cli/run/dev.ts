import { resolve } from "node:path";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { type CdkProject, readCdkProject } from "../../local/deploy/cdk-project.ts";
import { runDev } from "../../local/dev/dev-run.ts";
import { checkRequirements, MissingRequirementError } from "../../local/process/requirements.ts";
import { checkServers } from "../../local/run/check-servers.ts";
import { catchInterrupts } from "../../local/run/interrupts.ts";
import { quietTimerWarnings } from "../../local/run/quiet-warnings.ts";
import { checkFile } from "../../local/topics/produce-file.ts";
import type { LineFormat } from "../../local/topics/read-record-line.ts";
import { createLiveTable } from "../../local/view/live-table.ts";
import { readOwnPackage } from "../init/own-package.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface DevArguments {
  readonly app?: string;
  readonly context: Readonly<Record<string, string>>;
  readonly produce?: string;
  readonly produceAs: LineFormat;
  readonly topic?: string;
  readonly createTopic?: readonly string[];
  readonly partitions: number;
  readonly intervalSeconds: number;
  readonly batches?: number;
  readonly fresh?: true;
  readonly bootstrapServers?: readonly string[];
  readonly awsEndpoint?: string;
}

export async function runDevCommand(options: DevArguments, terminal: Terminal): Promise<ExitCode> {
  const { context, produce, produceAs: format, topic, partitions, batches, fresh = false, awsEndpoint } = options;
  const bootstrapServers = options.bootstrapServers?.join(",");
  if (fresh && bootstrapServers !== undefined && awsEndpoint !== undefined) {
    throw new ConfigurationError("--fresh empties the servers that are started here, and both are yours: leave it out");
  }
  quietTimerWarnings();
  const project = readyProject(options, terminal);
  if (project === undefined) {
    return EXIT.badInput;
  }
  const own = {
    ...(bootstrapServers === undefined ? {} : { bootstrapServers }),
    ...(awsEndpoint === undefined ? {} : { awsEndpoint }),
  };
  if (produce !== undefined) {
    await checkFile({ file: produce, format });
  }
  await checkServers(own);
  let temporary: string | undefined;
  const interrupts = catchInterrupts(() => temporary);
  interrupts.stopping.addEventListener("abort", () =>
    table.note("stopping; Ctrl-C again ends at once, and loses what MiniStack holds"),
  );
  const table = createLiveTable(openOutput(interrupts.ended));
  const isGood = await runDev({
    ...own,
    project,
    context,
    topic,
    createTopics: options.createTopic ?? [],
    partitions,
    batches,
    table,
    interrupts,
    intervalMs: options.intervalSeconds * 1_000,
    isFresh: fresh,
    produce: produce === undefined ? undefined : { file: produce, format },
    onTemporary: (folder) => {
      temporary = folder;
    },
  });
  return isGood ? EXIT.done : EXIT.failed;
}

/** Undefined where something is missing, each of which is told. */
function readyProject(
  { app, bootstrapServers, awsEndpoint }: DevArguments,
  terminal: Terminal,
): CdkProject | undefined {
  const problems: string[] = [];
  const ready = attempt(problems, () => {
    checkRequirements([
      ...(bootstrapServers === undefined ? (["java", "maven"] as const) : []),
      ...(awsEndpoint === undefined ? (["python"] as const) : []),
    ]);
    return true;
  });
  const cliVersion = readOwnPackage().devDependencies["aws-cdk"] ?? "2";
  const project = attempt(problems, () => readCdkProject({ folder: resolve("."), app, cliVersion }));
  for (const line of problems.flatMap((problem) => problem.split("\n"))) {
    terminal.note(`ranges: ${line}`);
  }
  return ready === undefined ? undefined : project;
}

function attempt<Value>(problems: string[], act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof MissingRequirementError || error instanceof ConfigurationError) {
      problems.push(error.message);
      return undefined;
    }
    throw error;
  }
}

/** Silent once the run is to end at once. */
function openOutput(ended: AbortSignal) {
  const { stdout } = process;
  return {
    isTTY: stdout.isTTY,
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text: string) => ended.aborted || stdout.write(text),
  };
}
