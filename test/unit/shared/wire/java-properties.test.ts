import { expect, test } from "vitest";
import { parseJavaProperties } from "../../../../shared/wire/java-properties.ts";

const parse = (text: string) => [...parseJavaProperties(text)];

test.each<[string, string, readonly (readonly [string, string])[]]>([
  [
    "each separator",
    "a=1\nb: 2\nc 3\nd = 4\ne",
    [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
      ["d", "4"],
      ["e", ""],
    ],
  ],
  ["comments and blank lines", "# no\n  ! no\n\n  a=1\r\n", [["a", "1"]]],
  ["values with separators", 'jaas=x required user="a=b:c";', [["jaas", 'x required user="a=b:c";']]],
  [
    "lines that go on",
    "a=one \\\n    two\\\\\nb=3",
    [
      ["a", "one two\\"],
      ["b", "3"],
    ],
  ],
  ["escapes", "k\\=\\:\\ y=\\u00e9\\t\\n\\q", [["k=: y", "é\t\nq"]]],
  ["the last of equal keys", "a=1\na=2", [["a", "2"]]],
  ["a line that goes on into nothing", "a=1\\", [["a", "1"]]],
])("reads %s", (_, text, expected) => {
  expect(parse(text)).toEqual(expected);
});
