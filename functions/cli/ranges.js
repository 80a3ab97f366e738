#!/usr/bin/env node
// Launcher of `ranges`. The package has it compiled; a checkout runs main.ts, on the Node that
// reads TypeScript and comes with its development dependencies where the machine's own is older.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const source = new URL("main.ts", import.meta.url);
const compiled = new URL("../../dist/functions/cli/main.js", import.meta.url);
const developmentNode = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

const MIN_MAJOR = existsSync(source) ? 24 : 22;

if (Number.parseInt(process.versions.node, 10) >= MIN_MAJOR) {
  // Compiling is most of what a short command takes.
  module.enableCompileCache?.();
  await import(existsSync(source) ? source.href : compiled.href);
} else if (existsSync(developmentNode)) {
  const main = fileURLToPath(import.meta.url);
  const child = spawn(developmentNode, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
} else {
  process.stderr.write(`ranges: needs Node.js ${MIN_MAJOR} or later, this is ${process.version}\n`);
  process.exitCode = 1;
}
