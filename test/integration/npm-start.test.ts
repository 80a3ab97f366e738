// `npm start` where it does not come to its proof: servers that do not answer, wrong options, Ctrl-C.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { findFreePorts } from "../../functions/local/process/free-port.ts";

let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "npm-start-"));
});

afterEach(() => rm(temporary, { recursive: true, force: true }));

function start(script: string, args: readonly string[] = []) {
  const env = { ...process.env, TMPDIR: temporary };
  return spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function refused(args: readonly string[]) {
  const child = start(new URL("../local/start.ts", import.meta.url).pathname, args);
  const exited = once(child, "exit");
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, code, left: await readdir(temporary) };
}

test("own servers that do not answer are told in one line, before anything is produced or made", async () => {
  const [kafka, endpoint] = await findFreePorts(2);

  const { stderr, ...rest } = await refused([
    ...["--bootstrap-servers", `127.0.0.1:${kafka}`],
    ...["--aws-endpoint", `http://127.0.0.1:${endpoint}`],
  ]);

  expect(rest).toEqual({ stdout: "", code: 1, left: [] });
  expect(stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(
      /^npm start: no bootstrap server answered: 127\.0\.0\.1:\d+: .*; no AWS endpoint answered: http:/,
    ),
  ]);
});

test("an endpoint that does not answer is told, where the brokers do", async () => {
  const [endpoint] = await findFreePorts(1);

  const { stderr, ...rest } = await refused([
    ...["--bootstrap-servers", inject("kafka.bootstrapServers")],
    ...["--aws-endpoint", `http://127.0.0.1:${endpoint}`],
  ]);

  expect(rest).toEqual({ stdout: "", code: 1, left: [] });
  expect(stderr).toMatch(/^npm start: no AWS endpoint answered: http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED .*\n$/);
});

test.each([
  [["--batches", "0"], '--batches "0" is not a whole number from 1'],
  [["--bootstrap-servers", "broker"], '--bootstrap-servers: bootstrap server "broker" is not host:port'],
  [["--aws-endpoint", "localhost"], '--aws-endpoint "localhost" is not a URL of http or https'],
])("%j is refused, and leaves no folder", async (args, message) => {
  const { stderr, ...rest } = await refused(args);

  expect(stderr).toContain(`npm start: ${message}`);
  expect(rest).toEqual({ stdout: "", code: 2, left: [] });
});

test("a second interrupt ends a run at once, and leaves neither a process nor a folder", async () => {
  const run = start(new URL("../support/interrupted-run.ts", import.meta.url).pathname);
  const [pid] = await once(run.stdout, "data");
  const exited = once(run, "exit");

  run.kill("SIGINT");
  expect(String((await once(run.stdout, "data"))[0])).toBe("stopping\n");
  expect(await readdir(temporary)).toHaveLength(1);
  run.kill("SIGINT");

  expect(await exited).toEqual([130, null]);
  expect(await readdir(temporary)).toEqual([]);
  expect(() => process.kill(Number(String(pid)), 0)).toThrow("ESRCH");
});
