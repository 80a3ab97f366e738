// Loads a function's bundle as Lambda does, or does a part of that, in a process that did nothing before: milliseconds of CPU.

import { readFileSync } from "node:fs";
import { cpuUsage, stdout } from "node:process";
import { SourceTextModule } from "node:vm";

const [part, path] = process.argv.slice(2);
const text = readFileSync(path, "utf8");

const parts = {
  whole: async () => {
    const { handler } = await import(path);
    if (typeof handler !== "function") {
      throw new Error("the bundle has no handler");
    }
  },
  // The parts of Node that it imports as it begins.
  node: async () => {
    const names = new Set([...text.matchAll(/\bfrom\s*"(node:[^"]+)"/g)].map(([, name]) => name));
    await Promise.all([...names].map((name) => import(name)));
  },
  // What V8 reads of it before the first line runs.
  parse: async () => new SourceTextModule(text),
};

const before = cpuUsage();
await parts[part]();
const { user, system } = cpuUsage(before);
stdout.write(String((user + system) / 1_000));
process.exit(0);
