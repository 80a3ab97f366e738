import { expect, test } from "vitest";
import { renderLine, renderTable } from "../../../../../functions/local/view/render-table.ts";

const running = {
  partition: "10",
  fromOffset: 5n,
  untilOffset: 1_200n,
  status: "RUNNING",
  attempt: 2,
  lagRecords: 1_300n,
  lagSeconds: 2.345,
  recordsPerSecond: 99.6,
};

test("aligns the partitions under their headings and adds the totals", () => {
  const table = renderTable({
    title: "word-count, batch 3",
    rows: [{ partition: "2", status: "-", attempt: 0 }, running],
  });

  expect(table).toEqual([
    "word-count, batch 3",
    "partition  range      status   attempt   lag  lag seconds  records/s",
    "        2  -          -              0     -            -          -",
    "       10  [5, 1200)  RUNNING        2  1300          2.3        100",
    "      all                               1300          2.3        100",
  ]);
});

test("shows offsets beyond the integers of a double exactly", () => {
  const row = { ...running, fromOffset: 9_007_199_254_740_993n, untilOffset: 9_223_372_036_854_775_807n };

  expect(renderTable({ title: "", rows: [row] })[2]).toContain("[9007199254740993, 9223372036854775807)");
});

test("renders a partition in one line that needs no headings", () => {
  expect(renderLine(running)).toBe("partition 10 [5, 1200) RUNNING, attempt 2, lag 1300 records, 2.3 s, 100 records/s");
});
