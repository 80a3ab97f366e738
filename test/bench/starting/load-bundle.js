// Loads a function's bundle as Lambda does, in a process that did nothing before: milliseconds of CPU.

import { cpuUsage, stdout } from "node:process";

const before = cpuUsage();
const { handler } = await import(process.argv[2]);
const { user, system } = cpuUsage(before);
if (typeof handler !== "function") {
  throw new Error("the bundle has no handler");
}
stdout.write(String((user + system) / 1_000));
process.exit(0);
