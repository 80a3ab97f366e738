import { relative, resolve } from "node:path";
import { initProject } from "../init/init-project.ts";
import { readOwnPackage } from "../init/own-package.ts";
import { PROJECT_TEMPLATES, type ProjectTemplate, type TemplateName } from "../init/project-template.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface InitArguments {
  readonly folder: string;
  readonly template: TemplateName;
}

export async function runInit(given: InitArguments, terminal: Terminal): Promise<ExitCode> {
  const { folder, name, files } = initProject(given.folder, readOwnPackage(), given.template);
  const { before = [], variables }: ProjectTemplate = PROJECT_TEMPLATES[given.template];
  const dev = "npm run dev -- --produce orders.jsonl --produce-as records";
  const lines = [
    `wrote ${name}: ${files.toSorted().join(", ")}`,
    "",
    "next:",
    ...(relative(resolve("."), folder) === "" ? [] : [`  cd ${relative(resolve("."), folder)}`]),
    "  npm install",
    "  npm test",
    ...before.map((command) => `  ${command}`),
    `  ${variables === undefined ? "" : `${variables} `}${dev}`,
  ];
  for (const line of lines) {
    await terminal.print(line);
  }
  return EXIT.done;
}
