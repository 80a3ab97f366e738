import { execFileSync } from "node:child_process";

interface Requirement {
  readonly name: string;
  /** Prints a version somewhere in its output. */
  readonly command: readonly [string, ...string[]];
  readonly version: RegExp;
  readonly minimum: readonly number[];
  readonly debian: string;
  readonly macOS: string;
}

const java: Requirement = {
  name: "Java Development Kit",
  command: ["javac", "-version"],
  version: /javac (\d+)(?:\.(\d+))?/,
  minimum: [17],
  debian: "apt install openjdk-17-jdk-headless",
  macOS: "brew install openjdk@17",
};

const maven: Requirement = {
  name: "Maven",
  command: ["mvn", "-B", "-version"],
  version: /Apache Maven (\d+)\.(\d+)/,
  minimum: [3, 6],
  debian: "apt install maven",
  macOS: "brew install maven",
};

const python: Requirement = {
  name: "Python",
  command: ["python3", "--version"],
  version: /Python (\d+)\.(\d+)/,
  minimum: [3, 10],
  debian: "apt install python3",
  macOS: "brew install python",
};

const pythonVenv: Requirement = {
  name: "Python's venv module with pip",
  command: ["python3", "-c", "import venv, ensurepip; print('pip', ensurepip.version())"],
  version: /pip (\d+)/,
  minimum: [1],
  debian: "apt install python3-venv",
  macOS: "brew install python",
};

/** What a part of the local stack needs from the machine. */
export const REQUIREMENTS = { java, maven, python, pythonVenv } as const;

export type RequirementName = keyof typeof REQUIREMENTS;

/** The machine lacks something that the local stack needs. */
export class MissingRequirementError extends Error {
  override readonly name = "MissingRequirementError";
}

/** Throws MissingRequirementError with one line for each requirement that is missing or too old. */
export function checkRequirements(names: readonly RequirementName[]): void {
  const problems = names.map((name) => findProblem(REQUIREMENTS[name])).filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new MissingRequirementError(problems.join("\n"));
  }
}

/** The line that tells what is wrong and how to mend it, or undefined. */
export function findProblem(requirement: Requirement): string | undefined {
  const { name, command, version, minimum, debian, macOS } = requirement;
  const needed = `${name} ${minimum.join(".")} or later is needed`;
  const hint = `install it (Debian: ${debian}; macOS: ${macOS})`;
  const output = run(command);
  if (output === undefined) {
    return `${needed}, but "${command.slice(0, 2).join(" ")}" does not run; ${hint}`;
  }
  const found = version
    .exec(output)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (found === undefined) {
    return `${needed}, but "${command.slice(0, 2).join(" ")}" tells no version; ${hint}`;
  }
  return isOlder(found, minimum) ? `${needed}, but ${found.join(".")} is installed; ${hint}` : undefined;
}

function run([file, ...args]: Requirement["command"]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
  } catch {
    // Absent, not executable, or failing: in each case it cannot be used.
    return undefined;
  }
}

function isOlder(found: readonly number[], minimum: readonly number[]): boolean {
  for (const [index, least] of minimum.entries()) {
    const part = found[index] ?? 0;
    if (part !== least) {
      return part < least;
    }
  }
  return false;
}
