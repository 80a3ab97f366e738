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

/** Major and minor: with the compiled code, the first that has zstd. */
const MINIMUM = existsSync(source) ? [24, 0] : [22, 15];
/** What npm fetches, once, where neither the machine nor a project has a Node that will do. */
const FETCHED_NODE = "node@24.21.0";

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

function isRecentEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

if (isRecentEnough()) {
  // Compiling is most of what a short command takes.
  module.enableCompileCache?.();
  await import(existsSync(source) ? source.href : compiled.href);
} else {
  const needed = `ranges: needs Node.js ${MINIMUM.join(".")} or later, this is ${process.version}`;
  const node = findDevelopmentNode();
  if (process.env["KAFKA_OFFSET_RANGES_LAUNCHED"] !== undefined) {
    process.stderr.write(`${needed}; npm install --save-dev node@24 brings one\n`);
    process.exitCode = 1;
  } else if (node === undefined) {
    process.stderr.write(`${needed}; it runs on ${FETCHED_NODE}, which npx fetches once\n`);
    launch("npx", ["--yes", `--package=${FETCHED_NODE}`, "--", "node"]);
  } else {
    launch(node, []);
  }
}

/** Runs the same command line there. */
function launch(node, args) {
  const child = spawn(node, [...args, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    // One that is too old as well is not launched again.
    env: { ...process.env, KAFKA_OFFSET_RANGES_LAUNCHED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(
      `ranges: ${node} cannot be run: ${error.message}; npm install --save-dev node@24 brings a Node.js\n`,
    );
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}
