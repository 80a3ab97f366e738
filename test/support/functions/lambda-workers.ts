import { execFileSync } from "node:child_process";

/** The processes in which a MiniStack (by its pid) runs functions now. */
function findLambdaWorkers(miniStackPid: number): readonly number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,pgid=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [pid, group, ...command] = line.trim().split(/\s+/);
    const isWorker = Number(group) === miniStackPid && (command[0]?.endsWith("node") ?? false);
    return isWorker ? [Number(pid)] : [];
  });
}

/** Ends every function's process by SIGKILL, in the middle of whatever it does; answers how many there were. */
export function killLambdaWorkers(miniStackPid: number): number {
  const workers = findLambdaWorkers(miniStackPid);
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
