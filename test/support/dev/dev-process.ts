// `ranges dev` as somebody runs it: a process, what it prints, and how it ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Of one line; a test has somewhat more. */
const DEADLINE_MS = 110_000;

const LAUNCHER = join(import.meta.dirname, "../../../functions/cli/ranges.js");

export interface DevProcess {
  /** Once the output has it, after what was waited for before; fails when the process ends first. */
  printed(text: string | RegExp): Promise<string>;
  /** Ctrl-C. */
  interrupt(): void;
  /** What it printed, once it has ended. */
  ended(): Promise<{ readonly code: number | null; readonly output: string }>;
}

export function startDev(folder: string, args: readonly string[], launcher = LAUNCHER): DevProcess {
  const child = spawn(process.execPath, [launcher, "dev", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "close");
  let output = "";
  let seen = 0;
  let changed = Promise.withResolvers<void>();
  const add = (chunk: Buffer) => {
    output += chunk.toString();
    changed.resolve();
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  child.once("close", () => changed.resolve());
  return {
    printed: async (text) => {
      const pattern = typeof text === "string" ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : text;
      const deadline = setTimeout(DEADLINE_MS, true, { ref: false });
      for (;;) {
        changed = Promise.withResolvers();
        const match = pattern.exec(output.slice(seen));
        if (match !== null) {
          seen += match.index + match[0].length;
          return match[0];
        }
        if (child.exitCode !== null) {
          throw new Error(`it ended with ${child.exitCode} and never printed ${pattern}:\n${output}`);
        }
        const isLate = await Promise.race([changed.promise, deadline.then(() => true)]);
        if (isLate === true) {
          throw new Error(`within ${DEADLINE_MS} ms it never printed ${pattern}:\n${output}`);
        }
      }
    },
    interrupt: () => void child.kill("SIGINT"),
    ended: async () => {
      const [code] = await exited;
      return { code, output };
    },
  };
}
