// Run bounded
//
// Ends code that goes on for too long, a regular expression in the midst of it included: Node's own way to end a script
// ends whatever it has called. It costs a thread, some 0.1 ms; it does not nest, since the outer one ends the inner too.

import type { Context, Script } from "node:vm";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { MAX_VALIDATION_MS } from "../limits.ts";

interface Guard {
  readonly script: Script;
  readonly context: Context;
}

let guard: Guard | undefined;
let isGuarded = false;

/** Throws UndecodableError that says `what` takes longer than MAX_VALIDATION_MS, and what `run` throws. */
export function runBounded<T>(run: () => T, what: string): T {
  if (isGuarded) {
    return run();
  }
  guard ??= openGuard();
  const { script, context } = guard;
  context["run"] = run;
  isGuarded = true;
  try {
    return script.runInContext(context, { timeout: MAX_VALIDATION_MS }) as T; // What `run` returns.
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === TIME_IS_UP) {
      throw new UndecodableError(`${what} takes longer than ${MAX_VALIDATION_MS} ms for it`, { cause: error });
    }
    throw error;
  } finally {
    isGuarded = false;
    context["run"] = undefined;
  }
}

const TIME_IS_UP = "ERR_SCRIPT_EXECUTION_TIMEOUT";

function openGuard(): Guard {
  const { Script, createContext } = process.getBuiltinModule("node:vm");
  return { script: new Script("run()"), context: createContext({ run: undefined }) };
}
