#!/usr/bin/env node
// Launcher of `ranges`: runs main.ts on a Node that reads TypeScript, which the
// package brings along where the machine's own is older.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const MIN_MAJOR = 24;
const bundledNode = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= MIN_MAJOR) {
  await import("./main.ts");
} else if (existsSync(bundledNode)) {
  const main = fileURLToPath(import.meta.url);
  const child = spawn(bundledNode, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
} else {
  process.stderr.write(`ranges: needs Node.js ${MIN_MAJOR} or later, this is ${process.version}; run npm ci first\n`);
  process.exitCode = 1;
}
