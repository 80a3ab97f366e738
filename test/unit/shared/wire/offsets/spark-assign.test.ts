import { expect, test } from "vitest";
import { parseAssignOption } from "../../../../../functions/cli/options/source-selection.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { readAssign } from "../../../../../shared/wire/offsets/spark-assign.ts";

const read = (given: unknown) => readAssign("assign", given);

test("partitions by topic are taken as an object, and as Spark's text", () => {
  const expected = [
    { topic: "a", partition: 4 },
    { topic: "ord", partition: 0 },
    { topic: "ord", partition: 1 },
  ];

  expect(read({ ord: [1, 0, 1], a: [4] })).toEqual(expected);
  expect(read('{"ord":[1,0],"a":[4]}')).toEqual(expected);
  expect(parseAssignOption('{"ord":[1,0],"a":[4]}')).toEqual(expected);
});

test("a topic may have any legal name", () => {
  expect(read('{"__proto__":[0],"constructor":[1]}')).toHaveLength(2);
  expect(read(JSON.parse('{"__proto__":[0]}'))).toEqual([{ topic: "__proto__", partition: 0 }]);
});

test.each<[unknown, string]>([
  ['{"a":[0],"a":[1]}', 'names "a" twice in one object'],
  ["[0,1]", "is not an object"],
  ["orders:1", "is not JSON"],
  [5, "is not an object"],
  [{}, "names no partition"],
  ['{"a":{"0":1}}', "has no list of partitions under a"],
  ['{"a":[]}', "has no list of partitions under a"],
  ['{"a":[-1]}', 'has "-1" under a'],
  ['{"a":[-0]}', 'has "-0" under a'],
  ['{"a":[1e3]}', 'has "1e3" under a'],
  ['{"a":["0"]}', 'has "0" under a'],
  ['{"a":[[0]]}', 'has ["0"] under a'],
  ['{"a":[2147483648]}', 'has "2147483648" under a'],
  [{ a: [0.5] }, 'has "0.5" under a'],
  ['{"a b":[0]}', 'names "a b", which is not a legal topic'],
])("%j is refused", (given, message) => {
  expect(() => read(given)).toThrow(ConfigurationError);
  expect(() => read(given)).toThrow(message);
  expect(() => read(given)).toThrow("expected partitions by topic");
});
