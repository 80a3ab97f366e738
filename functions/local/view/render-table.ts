/** Where one partition stands. */
export interface LiveRow {
  /** Its number, with topic and pipeline in front where there are several. */
  readonly partition: string;
  /** The current range; absent before the first one. */
  readonly fromOffset?: bigint;
  readonly untilOffset?: bigint;
  readonly status: string;
  readonly attempt: number;
  /** Absent where it is not known. */
  readonly lagRecords?: bigint;
  readonly lagSeconds?: number;
  readonly recordsPerSecond?: number;
}

export interface LiveView {
  /** What the table is about, and what is waited for. */
  readonly title: string;
  readonly rows: readonly LiveRow[];
}

const headings = ["partition", "range", "status", "attempt", "lag", "lag seconds", "records/s"];
const leftAligned: ReadonlySet<string> = new Set(["range", "status"]);

/** The title, the headings, a line per partition, and the totals. */
export function renderTable({ title, rows }: LiveView): readonly string[] {
  const cells = [headings, ...rows.map(cellsOf), totalsOf(rows)];
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return [title, ...cells.map((line) => alignCells(line, widths))];
}

/** One partition in one line that needs no headings. */
export function renderLine(row: LiveRow): string {
  const [partition, range, status, attempt, lag, lagSeconds, rate] = cellsOf(row);
  return `partition ${partition} ${range} ${status}, attempt ${attempt}, lag ${lag} records, ${lagSeconds} s, ${rate} records/s`;
}

function cellsOf(row: LiveRow): readonly string[] {
  const { fromOffset, untilOffset } = row;
  return [
    row.partition,
    fromOffset === undefined || untilOffset === undefined ? "-" : `[${fromOffset}, ${untilOffset})`,
    row.status,
    String(row.attempt),
    row.lagRecords?.toString() ?? "-",
    row.lagSeconds?.toFixed(1) ?? "-",
    row.recordsPerSecond?.toFixed(0) ?? "-",
  ];
}

function totalsOf(rows: readonly LiveRow[]): readonly string[] {
  const lagRecords = rows.reduce((sum, row) => sum + (row.lagRecords ?? 0n), 0n);
  const lagSeconds = Math.max(0, ...rows.map((row) => row.lagSeconds ?? 0));
  const rate = rows.reduce((sum, row) => sum + (row.recordsPerSecond ?? 0), 0);
  return ["all", "", "", "", String(lagRecords), lagSeconds.toFixed(1), rate.toFixed(0)];
}

function alignCells(cells: readonly string[], widths: readonly number[]): string {
  const aligned = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    return leftAligned.has(headings[column] ?? "") ? cell.padEnd(width) : cell.padStart(width);
  });
  return aligned.join("  ").trimEnd();
}
