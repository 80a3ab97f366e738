// Live table
//
// Shows where each partition stands, in place on a terminal; elsewhere one line
// for each row whose range, status or attempt is another than before. What it
// shows is render-table.ts.

import { type LiveRow, type LiveView, renderLine, renderTable } from "./render-table.ts";

const ERASE_BELOW = "\u001b[0J";
const MIN_COLUMNS = 20;

/** The part of process.stdout that is used. */
export interface LiveOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface LiveTable {
  show(view: LiveView): void;
  /** Prints a line that stays, above the table. */
  note(line: string): void;
  /** Leaves the last table as it is: what follows is printed below it. */
  close(): void;
}

export function createLiveTable(output: LiveOutput): LiveTable {
  return output.isTTY === true ? createTerminalTable(output) : createLinePrinter(output);
}

function createTerminalTable(output: LiveOutput): LiveTable {
  let drawn: readonly string[] = [];
  const redraw = (above: string, lines: readonly string[]) => {
    const erase = drawn.length === 0 ? "" : `\u001b[${drawn.length}A\r${ERASE_BELOW}`;
    output.write(`${erase}${above}${lines.map((line) => `${line}\n`).join("")}`);
    drawn = lines;
  };
  return {
    show: (view) => redraw("", fitToScreen(renderTable(view), output)),
    note: (line) => redraw(`${line}\n`, drawn),
    close: () => {
      drawn = [];
    },
  };
}

/** A line that wraps, or a table taller than the screen, could not be drawn over. */
function fitToScreen(lines: readonly string[], { columns = 80, rows = 24 }: LiveOutput): readonly string[] {
  const width = Math.max(columns, MIN_COLUMNS) - 1;
  return lines.slice(0, Math.max(rows - 1, 1)).map((line) => Array.from(line).slice(0, width).join(""));
}

function createLinePrinter(output: LiveOutput): LiveTable {
  const shown = new Map<string, string>();
  return {
    show: ({ title, rows }) => {
      const changed = rows.filter((row) => shown.get(row.partition) !== stateOf(row));
      if (changed.length > 0) {
        output.write(`${title}\n${changed.map((row) => `  ${renderLine(row)}\n`).join("")}`);
      }
      for (const row of changed) {
        shown.set(row.partition, stateOf(row));
      }
    },
    note: (line) => void output.write(`${line}\n`),
    close: () => undefined,
  };
}

function stateOf({ fromOffset, untilOffset, status, attempt }: LiveRow): string {
  return [fromOffset, untilOffset, status, attempt].join(" ");
}
