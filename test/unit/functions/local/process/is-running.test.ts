import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isRunning } from "../../../../../functions/local/process/is-running.ts";

test("a process runs until it has ended", async () => {
  const child = spawn(process.execPath, ["--eval", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  const pid = Number(child.pid);

  expect(isRunning(pid)).toBe(true);

  child.stdin.end();
  await once(child, "exit");
  expect(isRunning(pid)).toBe(false);
});

test.each([Number("not a process"), 0, -1, 1.5])("%s is the id of no process", (pid) => {
  expect(isRunning(pid)).toBe(false);
});

test("a process that may not be signalled runs", () => {
  // The first process of the machine, which lives as long as this one, whoever asks.
  expect(isRunning(1)).toBe(true);
});
