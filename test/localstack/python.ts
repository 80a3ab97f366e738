import { execFileSync } from "node:child_process";
import { MissingRequirementError } from "../../functions/local/process/requirements.ts";

export const LOCALSTACK_VERSION = "2026.3.0";

/** Older ones do not run it, and the pinned packages are those that are built for this one. */
const PYTHON_VERSION = "3.13";
const COMMAND = `python${PYTHON_VERSION}`;
const PRINT_VERSION = "import sys, venv, ensurepip; print(*sys.version_info[:2], sep='.')";
const CHECK_DEADLINE_MS = 30_000;
const REMEDY = `name one (PYTHON=/path/to/${COMMAND}) or install it (Debian: apt install ${COMMAND}-venv; macOS: brew install python@${PYTHON_VERSION})`;

/** The program that the variable PYTHON names, or the one on PATH; throws MissingRequirementError with one line. */
export function findPython(environment: NodeJS.ProcessEnv = process.env): string {
  const program = environment["PYTHON"] || COMMAND;
  const found = versionOf(program);
  if (found !== PYTHON_VERSION) {
    const why = found === undefined ? `"${program}" does not run with venv and pip` : `"${program}" is ${found}`;
    throw new MissingRequirementError(`Python ${PYTHON_VERSION} is needed, but ${why}; ${REMEDY}`);
  }
  return program;
}

function versionOf(program: string): string | undefined {
  try {
    const printed = execFileSync(program, ["-c", PRINT_VERSION], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: CHECK_DEADLINE_MS,
    });
    return printed.trim();
  } catch {
    // Absent, or without the modules: in each case it cannot be used.
    return undefined;
  }
}
