// A run in a process of its own, to be killed: it says a line for each record that took effect, and goes on once it is
// answered. Its argument is the run, as JSON.

import { createInterface } from "node:readline";
import { runOnce } from "./killed-run.ts";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

await runOnce(JSON.parse(process.argv[2] ?? ""), async () => {
  process.stdout.write("done\n");
  await answers.next();
});
process.exit(0);
