#!/usr/bin/env node
// Launcher of `ranges`. The package has it compiled; a checkout runs main.ts, on the Node that
// reads TypeScript and comes with its development dependencies where the machine's own is older.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = new URL("main.ts", import.meta.url);
const compiled = new URL("../../dist/functions/cli/main.js", import.meta.url);

const MIN_MAJOR = existsSync(source) ? 24 : 22;

/** The Node that a project brings as a development dependency: this package's own, or that of whoever runs it. */
function findDevelopmentNode() {
  const own = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
  const nodes = [own];
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    nodes.push(join(folder, "node_modules", "node", "bin", "node"));
    if (dirname(folder) === folder) {
      return nodes.find((node) => existsSync(node));
    }
  }
}

if (Number.parseInt(process.versions.node, 10) >= MIN_MAJOR) {
  // Compiling is most of what a short command takes.
  module.enableCompileCache?.();
  await import(existsSync(source) ? source.href : compiled.href);
} else {
  const node = process.env["KAFKA_OFFSET_RANGES_LAUNCHED"] === undefined ? findDevelopmentNode() : undefined;
  if (node === undefined) {
    process.stderr.write(
      `ranges: needs Node.js ${MIN_MAJOR} or later, this is ${process.version}; npm install --save-dev node@24 brings one\n`,
    );
    process.exitCode = 1;
  } else {
    launch(node);
  }
}

/** Runs the same command line there. */
function launch(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    // One that is too old as well is not launched again.
    env: { ...process.env, KAFKA_OFFSET_RANGES_LAUNCHED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}
