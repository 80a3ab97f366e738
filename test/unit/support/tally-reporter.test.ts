import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-reporter-"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});

afterEach(() => rm(folder, { recursive: true }));

/** Runs vitest by itself over one file of this text; answers the closing line and the exit code. */
async function tally(text: string): Promise<{ readonly line: string | undefined; readonly exitCode: number }> {
  await writeFile(
    join(folder, "a.test.js"),
    `import { afterAll, beforeAll, describe, expect, test } from "vitest";\n${text}`,
  );
  const reporter = join(ROOT, "test/support/tally-reporter.ts");
  const args = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, "--reporter", reporter];
  const { promise, resolve } = Promise.withResolvers<{ line: string | undefined; exitCode: number }>();
  const child = execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, (_, stdout) => {
    resolve({ line: stdout.trimEnd().split("\n").at(-1), exitCode: child.exitCode ?? -1 });
  });
  return promise;
}

test.each<[string, string, string]>([
  ["tests that pass", "test('a', () => {}); describe('d', () => test('b', () => {}));", "2 passed, 0 failed"],
  [
    "skipped and unwritten tests",
    "test('a', () => {}); test.skip('b', () => {}); test.todo('c');",
    "1 passed, 0 failed, 2 skipped",
  ],
  ["a failure that was expected", "test.fails('a', () => expect(1).toBe(2));", "1 passed, 0 failed"],
])("counts %s, and vitest agrees", async (_, text, line) => {
  expect(await tally(text)).toEqual({ line, exitCode: 0 });
});

test.each<[string, string, string]>([
  ["a failing test", "test('a', () => {}); test('b', () => expect(1).toBe(2));", "1 passed, 1 failed"],
  ["a file that does not compile", "test('a', () => {", "0 passed, 1 failed"],
  ["a file that throws as it is loaded", "test('a', () => {}); throw new Error('no');", "0 passed, 1 failed"],
  ["a file without tests", "", "0 passed, 1 failed"],
  ["a rejection that nobody handles", "test('a', () => void Promise.reject(new Error('no')));", "1 passed, 1 failed"],
  [
    "a file's set-up that fails",
    "beforeAll(() => { throw new Error('no'); }); test('a', () => {});",
    "0 passed, 1 failed, 1 skipped",
  ],
  [
    "a suite's set-up that fails",
    "describe('d', () => { beforeAll(() => { throw new Error('no'); }); test('a', () => {}); });",
    "0 passed, 1 failed, 1 skipped",
  ],
  [
    "a suite's tear-down that fails",
    "describe('d', () => { afterAll(() => { throw new Error('no'); }); test('a', () => {}); });",
    "1 passed, 1 failed",
  ],
])("counts %s as failed, and vitest agrees", async (_, text, line) => {
  expect(await tally(text)).toEqual({ line, exitCode: 1 });
});
