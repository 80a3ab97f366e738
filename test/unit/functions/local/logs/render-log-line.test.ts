import { expect, test } from "vitest";
import { renderLogLine } from "../../../../../functions/local/logs/render-log-line.ts";

const render = (text: string) => renderLogLine(text, (line) => line.replaceAll("/tmp/x/", ""));

test.each([
  "START RequestId: 1 Version: $LATEST",
  "END RequestId: 1",
  "REPORT RequestId: 1\tDuration: 2 ms",
  '{"_aws":{"Timestamp":1},"RecordsProcessed":1}',
  "(node:12) [DEP0169] DeprecationWarning: `url.parse()`",
  "",
])("what is for machines is left out: %s", (line) => {
  expect(render(line)).toEqual([]);
});

test("what the code prints is shown as it is, without what Lambda puts in front, and steers no terminal", () => {
  expect(render("order 1\u001b[2J\n")).toEqual(["order 1\\u001b[2J"]);
  expect(render("2026-01-01T00:00:00.000Z\tid\tINFO\torder 1")).toEqual(["INFO order 1"]);
  expect(render('{"orderId":"1"}')).toEqual(['{"orderId":"1"}']);
  expect(render("{not json")).toEqual(["{not json"]);
});

test("a line of the logger is shown by its fields, without those that are the same in every line", () => {
  const line = {
    level: "INFO",
    message: "range completed",
    timestamp: "2026-01-01T00:00:00.000Z",
    service: "Orders",
    cold_start: true,
    function_name: "f",
    attempt: 1,
    range: { topic: "orders" },
  };

  expect(render(JSON.stringify(line))).toEqual(['INFO range completed attempt=1 range={"topic":"orders"}']);
});

test("an error is shown with the frames of the project's own files, and those of its cause", () => {
  const error = {
    name: "TypeError",
    message: "no total",
    stack:
      "TypeError: no total\n    at total (/tmp/x/orders.ts:4:2)\n    at async run (/opt/node_modules/y/run.js:1:1)\n    at node:internal/x:1:1",
    cause: { name: "Error", message: "why" },
  };

  expect(render(JSON.stringify({ level: "ERROR", message: "range failed", error }))).toEqual([
    "ERROR range failed",
    "  TypeError: no total",
    "      at total (orders.ts:4:2)",
    "  caused by Error: why",
  ]);
});
