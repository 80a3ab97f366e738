import { relative, resolve } from "node:path";
import { initProject } from "../init/init-project.ts";
import { readOwnPackage } from "../init/own-package.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export async function runInit(path: string, terminal: Terminal): Promise<ExitCode> {
  const { folder, name, files } = initProject(path, readOwnPackage());
  const lines = [
    `wrote ${name}: ${files.toSorted().join(", ")}`,
    "",
    "next:",
    ...(relative(resolve("."), folder) === "" ? [] : [`  cd ${relative(resolve("."), folder)}`]),
    "  npm install",
    "  npm test",
    "  npm run dev -- --produce orders.jsonl --produce-as records",
  ];
  for (const line of lines) {
    await terminal.print(line);
  }
  return EXIT.done;
}
