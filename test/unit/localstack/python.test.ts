import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MissingRequirementError } from "../../../functions/local/process/requirements.ts";
import { findPython } from "../../localstack/python.ts";

const checkMachine = new URL("../../localstack/check-machine.ts", import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "python-"));
  for (const version of ["3.13", "3.12"]) {
    await writeFile(join(folder, `of-${version}`), `#!/bin/sh\necho ${version}\n`);
    await chmod(join(folder, `of-${version}`), 0o755);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the Python that is named is taken where it is 3.13", () => {
  const program = join(folder, "of-3.13");

  expect(findPython({ PYTHON: program })).toBe(program);
});

test.each([
  ["of-3.12", /^Python 3\.13 is needed, but "\S+of-3\.12" is 3\.12; name one \(PYTHON=\/path\/to\/python3\.13\) or/],
  ["absent", /^Python 3\.13 is needed, but "\S+absent" does not run with venv and pip; name one \(PYTHON=/],
])("another Python is refused with the remedy: %s", (name, line) => {
  expect(() => findPython({ PYTHON: join(folder, name) })).toThrow(MissingRequirementError);
  expect(() => findPython({ PYTHON: join(folder, name) })).toThrow(line);
});

test("a machine that lacks all of it is told so in one line, with a failure's exit code", async () => {
  const env = { PATH: folder, PYTHON: "absent" };
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [checkMachine], { env }, (error, _, printed) => {
      resolve({ code: error?.code, stderr: printed });
    });
  });

  expect(code).toBe(1);
  expect(stderr).toMatch(/^LocalStack \S+ was not tried: Python 3\.13 .*; Java Development Kit .*; Maven .*\n$/);
});
