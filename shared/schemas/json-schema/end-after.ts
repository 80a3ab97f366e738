// End after: Node's own way to end a script by the clock, and what this thread has used of its processor.

import type { Context, Script } from "node:vm";

interface Guard {
  readonly script: Script;
  readonly context: Context;
}

let guard: Guard | undefined;

/** What `run` returns. Throws what `run` throws, and an error of which `isTimeUp` is true once the clock went on by `wallMs`. */
export function endAfter<T>(run: () => T, wallMs: number): T {
  guard ??= openGuard();
  const { script, context } = guard;
  context["run"] = run;
  try {
    return script.runInContext(context, { timeout: wallMs }) as T; // What `run` returns.
  } finally {
    context["run"] = undefined;
  }
}

export function isTimeUp(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === TIME_IS_UP;
}

const TIME_IS_UP = "ERR_SCRIPT_EXECUTION_TIMEOUT";

function openGuard(): Guard {
  const { Script, createContext } = process.getBuiltinModule("node:vm");
  return { script: new Script("run()"), context: createContext({ run: undefined }) };
}

interface CpuUsage {
  /** In microseconds, both. */
  readonly user: number;
  readonly system: number;
}

/** In milliseconds: of the thread that asks, from Node 23.9 on, and of the whole process before. */
export function cpuMeterOf(node: { readonly threadCpuUsage?: () => CpuUsage; cpuUsage(): CpuUsage }): () => number {
  return () => {
    const { user, system } = node.threadCpuUsage?.() ?? node.cpuUsage();
    return (user + system) / 1_000;
  };
}
