import { execFileSync } from "node:child_process";

interface StackOfFunctions {
  /** Of the MiniStack, which is also the process group of its functions' processes. */
  readonly pid: number;
  /** Whose functions are meant: others' may be in the midst of another test. */
  readonly stack: string;
}

/** The processes in which the stack's functions run now. Their command line has the function's name, or its ARN. */
function findLambdaWorkers({ pid: miniStackPid, stack }: StackOfFunctions): readonly number[] {
  const ofStack = new RegExp(`[-:]${stack}-`);
  const lines = execFileSync("ps", ["-A", "-ww", "-o", "pid=,pgid=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [pid, group, ...command] = line.trim().split(/\s+/);
    const isWorker = Number(group) === miniStackPid && (command[0]?.endsWith("node") ?? false) && ofStack.test(line);
    return isWorker ? [Number(pid)] : [];
  });
}

/** Ends every function's process by SIGKILL, in the middle of whatever it does; answers how many there were. */
export function killLambdaWorkers(functions: StackOfFunctions): number {
  const workers = findLambdaWorkers(functions);
  for (const pid of workers) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
        throw error;
      }
    }
  }
  return workers.length;
}
