import { expect, test } from "vitest";
import { parseJavaProperties } from "../../../../../shared/wire/java/java-properties.ts";

const parse = (text: string) => parseJavaProperties(text).map(({ key, value }) => [key, value]);

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
  [
    "equal keys, of which the last counts",
    "a=1\na=2",
    [
      ["a", "1"],
      ["a", "2"],
    ],
  ],
  ["no blanks but Java's", "a=\u00a01\u00a0", [["a", "\u00a01\u00a0"]]],
  ["a line that goes on into nothing", "a=1\\", [["a", "1"]]],
])("reads %s", (_, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test("each setting has the line where it begins", () => {
  const lines = parseJavaProperties("# first\n\na=1\\\n  2\nb=3").map(({ key, line }) => [key, line]);

  expect(lines).toEqual([
    ["a", 3],
    ["b", 5],
  ]);
});

test("a wrong escape is refused by its line, without what stands there", () => {
  const text = "a=1\npassword=PLANTED\\u12";

  expect(() => parseJavaProperties(text)).toThrow("line 2: four hexadecimal digits belong behind \\u");
  expect(() => parseJavaProperties(text)).not.toThrow("PLANTED");
});
