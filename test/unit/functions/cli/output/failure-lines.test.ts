import { expect, test } from "vitest";
import { failureLines } from "../../../../../functions/cli/output/failure-lines.ts";

test.each<[string, unknown, readonly string[]]>([
  ["one line", new Error("no such table"), ["ranges: no such table"]],
  ["what is no error", "gone", ["ranges: gone"]],
  [
    "what a tool printed",
    new Error("the app failed:\n\nTypeError: x\r\n    at app.ts:3\n"),
    ["ranges: the app failed:", "  ", "  TypeError: x", "      at app.ts:3"],
  ],
  ["a line that looks like ours", new Error("refused\nranges: done"), ["ranges: refused", "  ranges: done"]],
])("%s is told in lines of its own, and only the first says whose it is", (_, error, lines) => {
  expect(failureLines(error)).toEqual(lines);
});
