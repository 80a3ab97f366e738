import { expect, test } from "vitest";
import { parseVariable } from "../../../../../functions/cli/options/variable-option.ts";

test.each([
  ["ORDERS_TABLE", { name: "ORDERS_TABLE" }],
  ["ORDERS_TABLE=", { name: "ORDERS_TABLE", default: "" }],
  ["TENANT=a=b", { name: "TENANT", default: "a=b" }],
])("%s is a variable with its default", (text, variable) => {
  expect(parseVariable(text)).toEqual(variable);
});

test.each(["", "=a", "1A", "A", "MY-TABLE"])("%j is no variable", (text) => {
  expect(() => parseVariable(text)).toThrow(/--variable .* is not NAME or NAME=DEFAULT/);
});
