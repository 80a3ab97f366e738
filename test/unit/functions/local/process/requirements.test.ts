import { expect, test } from "vitest";
import { findProblem, REQUIREMENTS } from "../../../../../functions/local/process/requirements.ts";

const printing = (version: string) => [process.execPath, "-p", JSON.stringify(version)] as const;

test("names what is missing, which version is needed, and how to install it", () => {
  const problem = findProblem({ ...REQUIREMENTS.python, command: ["no-such-program", "--version"] });

  expect(problem).toBe(
    'Python 3.10 or later is needed, but "no-such-program --version" does not run; ' +
      "install it (Debian: apt install python3; macOS: brew install python)",
  );
});

test("names the version that is too old", () => {
  const problem = findProblem({ ...REQUIREMENTS.python, command: printing("Python 3.9.2") });

  expect(problem).toMatch(/^Python 3\.10 or later is needed, but 3\.9 is installed; /);
});

test.each(["javac 17", "javac 17.0.15", "javac 21.0.1"])("accepts %s", (version) => {
  expect(findProblem({ ...REQUIREMENTS.java, command: printing(version) })).toBeUndefined();
});

test.each(["javac 1.8.0_402", "javac 11.0.2"])("refuses %s", (version) => {
  expect(findProblem({ ...REQUIREMENTS.java, command: printing(version) })).toContain("17 or later");
});

test("refuses a program that tells no version", () => {
  expect(findProblem({ ...REQUIREMENTS.maven, command: printing("hello") })).toContain("tells no version");
});
