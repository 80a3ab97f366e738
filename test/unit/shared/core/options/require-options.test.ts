import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import {
  anObjectWith,
  type OptionRules,
  oneOf,
  required,
  requireOptions,
  TEXT,
  wholeNumber,
} from "../../../../../shared/core/options/require-options.ts";

interface Options {
  readonly name: string;
  readonly kind?: "a" | "b";
  readonly token?: string;
  readonly clock?: { now(): number };
}

const rules: OptionRules<Options> = {
  name: required(TEXT),
  kind: oneOf("a", "b"),
  token: { ...TEXT, isSecret: true },
  clock: anObjectWith(["now"], "a clock"),
};

test.each([
  { name: "x" },
  { name: "x", kind: "b", token: "t", clock: { now: () => 1 } },
  { name: "x", kind: undefined, token: undefined },
])("options that there are pass: %j", (given) => {
  expect(() => requireOptions<Options>("make", given, rules)).not.toThrow();
});

test.each<[unknown, string]>([
  [undefined, "make: its options are missing; expected an object with name, kind, token, clock"],
  [null, "make: its options are null; expected an object with name, kind, token, clock"],
  [[], "make: its options are an array; expected an object with name, kind, token, clock"],
  ["name", "make: its options are a string; expected an object with name, kind, token, clock"],
  [{}, "make: name is missing; expected a text"],
  [{ name: "x", kidn: "a" }, "make: kidn is no option; there are name, kind, token, clock"],
  [{ name: "x", kind: "c" }, 'make: kind is "c"; expected "a" or "b"'],
  [{ name: "x", clock: () => 1 }, "make: clock is a function; expected a clock"],
  [{ name: "x", clock: { later: 1 } }, "make: clock is an object; expected a clock"],
  [{ name: "x", token: 5 }, "make: token is a number; expected a text"],
  [
    { name: "", kind: 5, "a b": 1 },
    'make: "a b" is no option; there are name, kind, token, clock; name is ""; expected a text; kind is 5; expected "a" or "b"',
  ],
])("ROP1: every problem is named at once: %j", (given, message) => {
  expect(() => requireOptions<Options>("make", given, rules)).toThrow(new ConfigurationError(message));
});

test.each([0, 6, 1.5, "2", Number.NaN, null])("a whole number from 1 to 5 is not %j", (value) => {
  expect(() => requireOptions("make", { count: value }, { count: wholeNumber(1, 5) })).toThrow(
    `make: count is ${JSON.stringify(value).replace("null", String(value))}; expected a whole number from 1 to 5`,
  );
});

test("ROP1: a name that every object has is no option", () => {
  expect(() => requireOptions<Options>("make", { name: "x", toString: 1 }, rules)).toThrow("toString is no option");
});
