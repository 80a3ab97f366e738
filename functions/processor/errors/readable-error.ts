// Readable error
//
// Code may throw anything: a text, nothing, an object of its own, an error whose
// properties throw when they are read or that is its own cause. What an attempt ended
// with has to be judged, logged and kept in the ledger, so it is made readable first.

import { types } from "node:util";
import { quote } from "../../../shared/core/bounded-text.ts";
import { BatchProcessorError } from "../../../shared/core/errors.ts";
import { MAX_COPIED_ERRORS, MAX_ERROR_CAUSES } from "../../../shared/core/limits.ts";

/** What was thrown, where that is an error that reads the same every time, down to its last cause; otherwise a copy. */
export function readableError(thrown: unknown): Error {
  return readOr(() => isReadableError(thrown), false) ? (thrown as Error) : copyOf(thrown);
}

/** What errors are told apart by. */
const FACTS = ["code", "$fault", "$retryable"] as const;

function isReadableError(thrown: unknown): boolean {
  if (types.isProxy(thrown)) {
    return false;
  }
  return (
    thrown instanceof BatchProcessorError ||
    (thrown instanceof Error &&
      hasReadableCauses(thrown) &&
      [thrown.name, thrown.message, thrown.stack ?? ""].every((text) => typeof text === "string"))
  );
}

/** False for causes without an end, and for several at once: a list may be anything that calls itself one. */
function hasReadableCauses(error: object): boolean {
  let link: unknown = error;
  for (let depth = 0; depth < MAX_ERROR_CAUSES; depth += 1) {
    if (typeof link !== "object" || link === null) {
      return true;
    }
    if (mayHoldSeveral(link) || !["name", "message", "cause", ...FACTS].every(isDataOf(link))) {
      return false;
    }
    const { name, message, code, $fault, cause } = link as Readonly<Record<string, unknown>>; // Any object's.
    if (![name, message, code, $fault].every(isPrimitive)) {
      return false;
    }
    link = cause;
  }
  return false;
}

/** See error-parts.ts. */
function mayHoldSeveral(link: object): boolean {
  return link instanceof Error && ["errors", "suppressed"].some((name) => name in link);
}

/** A getter, or a proxy, may answer once and throw the next time. */
function isDataOf(object: object): (name: string) => boolean {
  return (name) => {
    let holder: object | null = object;
    while (holder !== null) {
      if (types.isProxy(holder)) {
        return false;
      }
      const property = Object.getOwnPropertyDescriptor(holder, name);
      if (property !== undefined) {
        return "value" in property;
      }
      holder = Object.getPrototypeOf(holder);
    }
    return true;
  };
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== "object" && typeof value !== "function") || value === null;
}

/** An error of texts alone: every property is read at most once, and none is trusted. */
export function copyOf(thrown: unknown): Error {
  return copyLink(thrown, { depth: 1, budget: { left: MAX_COPIED_ERRORS } });
}

interface CopyPlace {
  readonly depth: number;
  /** Of the whole copy: causes that have several causes each would be without number. */
  readonly budget: { left: number };
}

function copyLink(thrown: unknown, { depth, budget }: CopyPlace): Error {
  budget.left -= 1;
  if (isPrimitive(thrown)) {
    return Object.assign(new Error(describePrimitive(thrown)), { name: thrown === null ? "null" : typeof thrown });
  }
  const object = thrown as object; // Or a function.
  const read = (name: string) => readOr<unknown>(() => Reflect.get(object, name), undefined);
  const isA = (kind: typeof Error | typeof AggregateError | typeof SuppressedError) => isOf(kind, object);
  const isError = isA(Error);
  const [name, message, stack, cause] = ["name", "message", "stack", "cause"].map(read);
  const says = isError && message !== undefined ? textOf(message) : quote(thrown);
  const goesOn = depth < MAX_ERROR_CAUSES && budget.left > 0;
  const copyInner = (inner: unknown, at = depth + 1) =>
    isOurs(inner) ? inner : copyLink(inner, { depth: at, budget });
  const options = goesOn && cause !== undefined ? { cause: copyInner(cause) } : {};
  const copyWhole = () => {
    if (goesOn && (isA(SuppressedError) || (isError && name === "SuppressedError"))) {
      // What came first is no deeper for what failed after it, and goes before it where there is no room for both.
      const suppressed = copyInner(read("suppressed"), depth);
      return Object.assign(new SuppressedError(copyInner(read("error")), suppressed, says), options);
    }
    const isAggregate = isA(AggregateError);
    const isPart = (part: unknown) => isAggregate || isOf(Error, part);
    const parts =
      goesOn && isError ? copyParts(read("errors"), budget, { isPart, copyPart: (part) => copyInner(part) }) : [];
    return isAggregate || parts.length > 0 ? new AggregateError(parts, says, options) : new Error(says, options);
  };
  const facts = FACTS.map((fact) => [fact, read(fact)]).filter(([, value]) => value !== undefined);
  return Object.assign(copyWhole(), {
    name: typeof name === "string" && name !== "" ? name : isError ? "Error" : typeof thrown,
    ...(typeof stack === "string" ? { stack } : {}),
    ...Object.fromEntries(facts.map(([fact, value]) => [fact, textOf(value)])),
  });
}

interface Parts {
  readonly isPart: (part: unknown) => boolean;
  readonly copyPart: (part: unknown) => unknown;
}

/** As many as there is room for, of what may only look like a list. */
function copyParts(list: unknown, budget: CopyPlace["budget"], { isPart, copyPart }: Parts): readonly unknown[] {
  const length = readOr(() => (Array.isArray(list) ? list.length : 0), 0);
  const parts: unknown[] = [];
  for (let index = 0; index < Math.min(length, MAX_COPIED_ERRORS) && budget.left > 0; index += 1) {
    const part = readOr<unknown>(() => Reflect.get(list as object, index), undefined);
    parts.push(...(isPart(part) ? [copyPart(part)] : []));
  }
  return parts;
}

function isOf(kind: typeof Error | typeof AggregateError | typeof SuppressedError, value: unknown): boolean {
  return readOr(() => value instanceof kind, false);
}

function isOurs(cause: unknown): boolean {
  return !types.isProxy(cause) && readOr(() => cause instanceof BatchProcessorError, false);
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
