import { expect, test } from "vitest";
import { createLiveTable } from "../../../../../functions/local/view/live-table.ts";
import { aScreen } from "../../../../support/cli/screen.ts";

const row = { partition: "0", fromOffset: 0n, untilOffset: 9n, status: "RUNNING", attempt: 1 };

test("draws over the previous table on a terminal", () => {
  const screen = aScreen({ columns: 80, rows: 24 });
  const table = createLiveTable(screen);

  table.show({ title: "first", rows: [row, { ...row, partition: "1" }] });
  table.show({ title: "second", rows: [{ ...row, status: "COMPLETED" }] });

  expect(screen.lines()).toEqual([
    "second",
    expect.stringContaining("partition"),
    expect.stringContaining("COMPLETED"),
    expect.stringContaining("all"),
  ]);
});

test("keeps a note above the table", () => {
  const screen = aScreen({ columns: 80, rows: 24 });
  const table = createLiveTable(screen);

  table.show({ title: "first", rows: [row] });
  table.note("waiting for Kafka");
  table.show({ title: "second", rows: [row] });

  expect(screen.lines()).toHaveLength(5);
  expect(screen.lines().slice(0, 2)).toEqual(["waiting for Kafka", "second"]);
});

test("stays within a small terminal, whatever its height and width", () => {
  const screen = aScreen({ columns: 30, rows: 5 });
  const table = createLiveTable(screen);
  const rows = Array.from({ length: 12 }, (_, partition) => ({ ...row, partition: String(partition) }));

  table.show({ title: "first", rows });
  table.show({ title: "second", rows });

  expect(screen.lines()).toHaveLength(4);
  expect(screen.lines()[0]).toBe("second");
  expect(Math.max(...screen.lines().map((line) => line.length))).toBeLessThan(30);
});

test("leaves the last table and prints below it once closed", () => {
  const screen = aScreen({ columns: 80, rows: 24 });
  const table = createLiveTable(screen);

  table.show({ title: "last", rows: [row] });
  table.close();
  table.note("proved");

  expect(screen.lines()[0]).toBe("last");
  expect(screen.lines().at(-1)).toBe("proved");
});

test("prints plain lines, only for rows that changed, where there is no terminal", () => {
  const written: string[] = [];
  const table = createLiveTable({ write: (text) => written.push(text) });

  table.show({ title: "batch 1", rows: [row, { ...row, partition: "1" }] });
  table.show({
    title: "batch 1",
    rows: [
      { ...row, lagRecords: 5n },
      { ...row, partition: "1" },
    ],
  });
  table.show({ title: "batch 2", rows: [row, { ...row, partition: "1", status: "COMPLETED" }] });

  expect(written.join("").split("\n")).toEqual([
    "batch 1",
    "  partition 0 [0, 9) RUNNING, attempt 1, lag - records, - s, - records/s",
    "  partition 1 [0, 9) RUNNING, attempt 1, lag - records, - s, - records/s",
    "batch 2",
    "  partition 1 [0, 9) COMPLETED, attempt 1, lag - records, - s, - records/s",
    "",
  ]);
});
