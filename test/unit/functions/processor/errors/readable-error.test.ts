import { describe, expect, test } from "vitest";
import { describeError, describeStack } from "../../../../../functions/processor/errors/describe-error.ts";
import { readableError } from "../../../../../functions/processor/errors/readable-error.ts";
import { InvalidOutputError, LedgerUnavailableError } from "../../../../../shared/core/errors.ts";
import { blameOf } from "../../../../../shared/core/failure/blame-error.ts";
import { MAX_ERROR_MESSAGE_LENGTH } from "../../../../../shared/core/limits.ts";

const throwing = (name: string, base: object = new Error("hidden")) =>
  Object.defineProperty(base, name, {
    get: () => {
      throw new Error(`${name} is not for reading`);
    },
  });

function circular(): Error {
  const [outer, inner] = [new Error("outer"), new Error("inner")];
  outer.cause = inner;
  inner.cause = outer;
  return outer;
}

/** Of what answers once and throws whenever it is asked again. */
function readOnce<Value>(value: Value): () => Value {
  let reads = 0;
  return () => {
    reads += 1;
    if (reads > 1) {
      throw new Error("read twice");
    }
    return value;
  };
}

const once = (name: string, value: unknown) =>
  Object.defineProperty(new Error("hidden"), name, { get: readOnce(value) });

/** Several errors in a list that is a proxy; it throws from the second reading of a name on. */
function proxiedParts(): Error {
  const counts = new Map<PropertyKey, number>();
  const errors = new Proxy([new TypeError("one")], {
    get: (list, name) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (counts.get(name) !== 1) {
        throw new Error("read twice");
      }
      return Reflect.get(list, name);
    },
  });
  return Object.assign(new AggregateError([], "all failed"), { errors });
}

const withParts = (errors: unknown) => Object.assign(new AggregateError([], "all failed"), { errors });

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable(new Error("revoked"), {});
  revoke();
  return proxy;
};

describe("whatever code throws is an error that the ledger can keep", () => {
  test.each<[string, unknown, string, string]>([
    ["an error", new TypeError("no"), "TypeError", "no"],
    ["a DOMException", new DOMException("stop", "AbortError"), "AbortError", "stop"],
    ["undefined", undefined, "undefined", "undefined was thrown"],
    ["null", null, "null", "null was thrown"],
    ["an empty text", "", "string", "an empty text was thrown"],
    ["a text", "just a string", "string", "just a string"],
    ["a symbol", Symbol("stop"), "symbol", "Symbol(stop)"],
    ["a bigint", 123n, "bigint", "123"],
    ["an object", { code: "E42", detail: { at: 5n } }, "object", '{"code":"E42","detail":{"at":"5"}}'],
    ["an object with a name", { name: "Odd", message: "x" }, "Odd", '{"name":"Odd","message":"x"}'],
    ["an object without a prototype", Object.create(null), "object", "{}"],
    ["an error whose message is none", Object.assign(new Error("x"), { message: { a: 1 } }), "Error", '{"a":1}'],
    ["an error without a name", Object.assign(new Error("x"), { name: "" }), "Error", "x"],
    ["an error whose message throws", throwing("message"), "Error", "{}"],
    ["an error whose name throws", throwing("name"), "Error", "hidden"],
    ["an error whose cause throws", throwing("cause"), "Error", "hidden"],
    ["an error whose code throws", throwing("code"), "Error", "hidden"],
    ["a revoked proxy", revoked(), "object", "a value that JSON cannot show"],
    ["an error that is its own cause, over one", circular(), "Error", "outer"],
    ["several errors in a revoked proxy", withParts(revoked()), "AggregateError", "all failed"],
    ["several errors that are no list", withParts(5), "AggregateError", "all failed"],
    [
      "several errors of which one cannot be read",
      withParts([throwing("message"), new Error("two")]),
      "AggregateError",
      "all failed (Error: {}, Error: two)",
    ],
    ["a proxy of an error", new Proxy(new TypeError("seen"), {}), "TypeError", "seen"],
    [
      "several errors",
      new AggregateError([new TypeError("one"), "two"], "all failed"),
      "AggregateError",
      "all failed (TypeError: one, string: two)",
    ],
    ["several errors that say nothing", new AggregateError([new Error("one")], ""), "AggregateError", "(Error: one)"],
    [
      "a failed disposal",
      new SuppressedError(new RangeError("closing"), new TypeError("saving")),
      "SuppressedError",
      "(TypeError: saving, RangeError: closing)",
    ],
    [
      "two failed disposals",
      new SuppressedError(new Error("two"), new SuppressedError(new Error("one"), "saving", "x"), "while closing"),
      "SuppressedError",
      "while closing (string: saving, Error: one, Error: two)",
    ],
    [
      "a failed disposal that cannot be read",
      throwing("suppressed", new SuppressedError("x", "y")),
      "SuppressedError",
      "(undefined: undefined was thrown, string: x)",
    ],
    ["an error of a validator", Object.assign(new Error("no"), { errors: [{ message: "a" }, 5] }), "Error", "no"],
    [
      "a library's own several errors",
      Object.assign(new Error("all failed"), { errors: [new TypeError("one"), 5] }),
      "Error",
      "all failed (TypeError: one)",
    ],
  ])("%s", (_, thrown, name, message) => {
    expect(describeError(thrown)).toEqual({ name, message });
    expect(describeError(readableError(thrown))).toEqual({ name, message });
  });
});

describe("what answers once and throws the next time is described by its answer", () => {
  test.each<[string, unknown, string, string]>([
    ["a message", once("message", "seen"), "Error", "seen"],
    ["a name", once("name", "Seen"), "Seen", "hidden"],
    ["a cause", once("cause", new Error("x")), "Error", "hidden"],
    ["a code", once("code", "E"), "Error", "hidden"],
    ["the text of a code", Object.assign(new Error("x"), { code: { toString: readOnce("E") } }), "Error", "x"],
    ["the code of a cause", new Error("x", { cause: once("code", "E") }), "Error", "x"],
    ["a proxy's list of errors", proxiedParts(), "AggregateError", "all failed (TypeError: one)"],
  ])("%s", (_, thrown, name, message) => {
    const error = readableError(thrown);

    expect(describeError(error)).toEqual({ name, message });
    expect(blameOf(error)).toBe("records");
  });
});

test("an error that can be read is taken as it is, and so is each of our own", () => {
  const plain = new Error("x", { cause: new Error("y", { cause: { code: "E" } }) });
  const own = new LedgerUnavailableError("no answer", { cause: circular() });

  expect(readableError(plain)).toBe(plain);
  expect(readableError(own)).toBe(own);
});

test("BE2, BE3: what a copy was made of is judged as the error would have been", () => {
  const refused = Object.assign(throwing("message"), { code: "ECONNREFUSED" });
  const wrapped = circular();
  (wrapped.cause as Error).cause = new InvalidOutputError("an empty key", { cause: wrapped });

  expect(blameOf(readableError(refused))).toBe("surroundings");
  expect(blameOf(readableError(wrapped))).toBe("records");
  expect(blameOf(readableError({ code: "ETIMEDOUT" }))).toBe("surroundings");
  expect(blameOf(readableError(circular()))).toBe("records");
});

test("BE2, BE3: an error that reads only once, or of several in a proxy, is described and judged by what it said", () => {
  const outage = once("code", "ECONNREFUSED");
  const several = withParts(new Proxy([new Error("x"), outage], {}));
  const ours = new InvalidOutputError("an empty key", { cause: throwing("cause") });

  expect(blameOf(readableError(once("code", "ETIMEDOUT")))).toBe("surroundings");
  expect(blameOf(readableError(several))).toBe("surroundings");
  expect(blameOf(readableError(new AggregateError([throwing("code")])))).toBe("records");
  expect(blameOf(readableError(new Error("wrapped", { cause: withParts([ours]) })))).toBe("records");
  expect(blameOf(ours)).toBe("records");
});

test("what was copied is read as it is from then on, and errors in errors without end come to an end", () => {
  const endless = new AggregateError([], "again");
  endless.errors = [endless, endless, endless];
  endless.cause = endless;

  const copy = readableError(throwing("cause"));

  expect(readableError(copy)).toBe(copy);
  expect(describeError(endless).message).toMatch(/^again/);
  expect(blameOf(readableError(endless))).toBe("records");
});

test("the stack of a failed disposal is followed by that of what came before it", () => {
  const stack = describeStack(
    new SuppressedError(new Error("closing"), new TypeError("saving", { cause: new Error("x") })),
  );

  expect(stack).toMatch(/^SuppressedError.*caused by TypeError: saving.*caused by Error: x/s);
});

test("a long text is cut between characters", () => {
  const faces = "😀".repeat(MAX_ERROR_MESSAGE_LENGTH);
  const { name, message } = describeError(Object.assign(new Error(`x${faces}`), { name: faces }), "because");

  for (const text of [name, message]) {
    expect(text.isWellFormed()).toBe(true);
    expect(text.length).toBeLessThanOrEqual(MAX_ERROR_MESSAGE_LENGTH + 1);
  }
  expect(message).toMatch(/^because: x😀.*😀…$/u);
  expect(describeError(new Error("half \ud83d")).message).toBe("half \ufffd");
});
