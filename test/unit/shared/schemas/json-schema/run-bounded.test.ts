import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { runBounded } from "../../../../../shared/schemas/json-schema/run-bounded.ts";
import { MAX_VALIDATION_MS } from "../../../../../shared/schemas/limits.ts";

const endless = () => {
  for (;;) {
    // Goes on.
  }
};

test("what it runs is answered, and what that throws is thrown", () => {
  expect(runBounded(() => 7, "it")).toBe(7);
  expect(() => runBounded(() => fail(new TypeError("no")), "it")).toThrow(TypeError);
});

test("what does not end is ended, also within another one, and the next runs as before", () => {
  const nested = () => runBounded(() => runBounded(endless, "the inner"), "the outer");

  expect(nested).toThrow(new UndecodableError(`the outer takes longer than ${MAX_VALIDATION_MS} ms for it`));
  expect(runBounded(() => "still", "it")).toBe("still");
});

function fail(error: Error): never {
  throw error;
}
