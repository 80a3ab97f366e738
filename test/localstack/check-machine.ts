// Before the tests on LocalStack: one line that names what this machine lacks, rather than a set-up that fails.

import { checkRequirements, MissingRequirementError } from "../../functions/local/process/requirements.ts";
import { findPython, LOCALSTACK_VERSION } from "./python.ts";

const missing = [findPython, () => checkRequirements(["java", "maven"])].flatMap(problemOf);
if (missing.length > 0) {
  process.stderr.write(`LocalStack ${LOCALSTACK_VERSION} was not tried: ${missing.join("; ")}\n`);
  process.exitCode = 1;
}

function problemOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof MissingRequirementError) {
      return error.message.split("\n");
    }
    throw error;
  }
}
