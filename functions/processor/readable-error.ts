// Readable error
//
// Code may throw anything: a text, nothing, an object of its own, an error whose
// properties throw when they are read or that is its own cause. What an attempt ended
// with has to be judged, logged and kept in the ledger, so it is made readable first.

import { quote } from "../../shared/core/bounded-text.ts";
import { BatchProcessorError } from "../../shared/core/errors.ts";
import { MAX_ERROR_CAUSES } from "../../shared/core/limits.ts";

/** What was thrown, where that is an error that can be read down to its last cause; otherwise an error that says as much. */
export function readableError(thrown: unknown): Error {
  return readOr(() => isReadableError(thrown), false) ? (thrown as Error) : copyOf(thrown);
}

/** What errors are told apart by. */
const FACTS = ["code", "$fault", "$retryable"] as const;

function isReadableError(thrown: unknown): boolean {
  return (
    thrown instanceof BatchProcessorError ||
    (thrown instanceof Error &&
      [thrown.name, thrown.message, thrown.stack ?? ""].every((text) => typeof text === "string") &&
      hasReadableCauses(thrown))
  );
}

/** Throws what a property throws that is read; false for causes without an end. */
function hasReadableCauses(error: object): boolean {
  let link: unknown = error;
  for (let depth = 0; depth < MAX_ERROR_CAUSES; depth += 1) {
    if (typeof link !== "object" || link === null) {
      return true;
    }
    const { name, message, code, $fault, $retryable, errors, cause } = link as Readonly<Record<string, unknown>>; // Any object's.
    [name, message, code, $fault, $retryable].forEach(String);
    if (link instanceof AggregateError && !Array.isArray(errors)) {
      return false;
    }
    link = cause;
  }
  return false;
}

/** An error of texts alone: every property is read at most once, and none is trusted. */
export function copyOf(thrown: unknown, depth = 1): Error {
  if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null) {
    return Object.assign(new Error(describePrimitive(thrown)), { name: thrown === null ? "null" : typeof thrown });
  }
  const read = (name: string) => readOr<unknown>(() => Reflect.get(thrown, name), undefined);
  const isError = readOr(() => thrown instanceof Error, false);
  const [name, message, stack, cause] = ["name", "message", "stack", "cause"].map(read);
  const says = isError && message !== undefined ? textOf(message) : quote(thrown);
  const goesOn = cause !== undefined && depth < MAX_ERROR_CAUSES;
  const copy = new Error(says, goesOn ? { cause: isOurs(cause) ? cause : copyOf(cause, depth + 1) } : {});
  const facts = FACTS.map((fact) => [fact, read(fact)]).filter(([, value]) => value !== undefined);
  return Object.assign(copy, {
    name: typeof name === "string" && name !== "" ? name : isError ? "Error" : typeof thrown,
    ...(typeof stack === "string" ? { stack } : {}),
    ...Object.fromEntries(facts.map(([fact, value]) => [fact, textOf(value)])),
  });
}

function isOurs(cause: unknown): boolean {
  return readOr(() => cause instanceof BatchProcessorError, false);
}

function describePrimitive(value: unknown): string {
  return value === "" ? "an empty text was thrown" : `${String(value)}${value == null ? " was thrown" : ""}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : quote(value);
}

function readOr<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
