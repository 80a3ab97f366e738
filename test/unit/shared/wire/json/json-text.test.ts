import { expect, test } from "vitest";
import { jsonProblem, readJsonText } from "../../../../../shared/wire/json/json-text.ts";

test("a text is what JSON.parse makes of it, and its numbers are read as they are written", () => {
  const text = '{"a":[1,{"b":"}{:,\\"\\\\"}],"c":{"a":null},"d":3.0,"e":9007199254740993}';
  const digits: string[] = [];

  expect(readJsonText(text)).toEqual({ kind: "read", value: JSON.parse(text) });
  readJsonText(text, (number) => digits.push(number));
  expect(digits).toEqual(["1", "3.0", "9007199254740993"]);
});

test.each([
  ['{"a":1,"a":2}', "a"],
  ['{"a":1,"b":{},"a":1}', "a"],
  ['[{"x":{"0":1,"\\u0030":2}}]', "0"],
  ['{"a":["a",{"a":1}],"__proto__":1,"__proto__":1}', "__proto__"],
  ['{"\\"":1,"\\"":2}', '"'],
])("%s has one key twice", (text, key) => {
  const json = readJsonText(text);

  expect(json).toEqual({ kind: "repeated", key });
  expect(json.kind === "read" ? "" : jsonProblem(json)).toBe(`names ${JSON.stringify(key)} twice in one object`);
});

test.each(['{"a":{"a":{"a":1}},"b":["a","a"]}', '[{"a":1},{"a":1}]', '{"a":"a","b":"a:","c":":"}'])(
  "%s has no key twice",
  (text) => {
    expect(readJsonText(text)).toEqual({ kind: "read", value: JSON.parse(text) });
  },
);

test.each(["", "{", "{'a':1}", "{}}", '{"a":01}', '{"a":+1}', '{"a":1,}', `${"[".repeat(100_000)}`])(
  "%s is not JSON",
  (text) => {
    expect(readJsonText(text)).toEqual({ kind: "notJson" });
  },
);

test("a string of megabytes is passed over", () => {
  const value = { a: '\\"x'.repeat(2_000_000), b: 1 };

  expect(readJsonText(JSON.stringify(value))).toEqual({ kind: "read", value });
});
