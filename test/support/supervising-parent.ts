// Started by a test as a process of its own: it starts a supervised process that
// has a child of its own, tells both pids, and waits to be killed.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { startSupervised } from "../../functions/local/process/supervised-process.ts";

const logFile = process.argv[2];
assert.ok(logFile !== undefined, "usage: supervising-parent.ts <log file>");
const supervised = startSupervised({
  name: "a shell with a child",
  command: "sh",
  args: ["-c", "sleep 600 & echo child $!; wait"],
  logFile,
});
while (!supervised.readLog().includes("\n")) {
  await delay(10);
}
process.stdout.write(`${supervised.pid} ${supervised.readLog().replace("child ", "")}`);
await supervised.exited;
