// Writes to a folder of its own and runs a server, as `npm start` does, until it is interrupted.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSupervised } from "../../functions/local/process/supervised-process.ts";
import { catchInterrupts } from "../../functions/local/run/interrupts.ts";

const folder = mkdtempSync(join(tmpdir(), "interrupted-run-"));
const { stopping } = catchInterrupts(() => folder, 0);
stopping.addEventListener("abort", () => process.stdout.write("stopping\n"));
const { pid } = startSupervised({
  name: "a shell",
  command: "sh",
  args: ["-c", "while :; do date; sleep 0.01; done"],
  logFile: join(folder, "server.log"),
});
process.stdout.write(`${pid}\n`);
