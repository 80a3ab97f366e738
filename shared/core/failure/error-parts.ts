// Error parts
//
// The errors that an error holds side by side, however it holds them: what failed together, and
// what failed while something that had failed before was cleaned up.

import { MAX_COPIED_ERRORS } from "../limits.ts";

/** None of an error that is only itself; what came first is the first. What caused it is no part of it. */
export function errorParts(error: object): readonly unknown[] {
  if (isSuppressing(error)) {
    return inTime(error);
  }
  const { errors } = error as { readonly errors?: unknown }; // Any object's.
  if (!Array.isArray(errors)) {
    return [];
  }
  const parts: readonly unknown[] = errors.slice(0, MAX_COPIED_ERRORS);
  // A validator's list of what is wrong with a value is no list of errors.
  return error instanceof AggregateError ? parts : parts.filter((part) => part instanceof Error);
}

/**
 * What `using` throws where a disposal fails too: `error` is the disposal's, `suppressed` what came before it. Compilers
 * make the same of an Error where the language has no such class.
 */
export function isSuppressing(error: object): error is SuppressedError {
  return (
    error instanceof SuppressedError ||
    (error instanceof Error && error.name === "SuppressedError" && "error" in error && "suppressed" in error)
  );
}

/** Each disposal that fails wraps what came before it. */
function inTime(error: SuppressedError): readonly unknown[] {
  const later: unknown[] = [];
  let first: unknown = error;
  while (typeof first === "object" && first !== null && isSuppressing(first) && later.length < MAX_COPIED_ERRORS) {
    later.push(first.error);
    first = first.suppressed;
  }
  return [first, ...later.toReversed()];
}
