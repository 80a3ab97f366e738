import type { CaseReport, Outcome } from "./reading/run-case.ts";
import type { Target } from "./targets.ts";

const headings = ["", "records/s", "MB/s", "CPU s/M", "peak RSS", "ours is faster by", "ours needs less CPU by"];

/** One case as lines of text: a reader per line. */
export function renderCase({ case: { title, records }, outcomes }: CaseReport): string {
  const lines = Object.entries(outcomes).map(([reader, outcome]) => [`  ${reader}`, ...cellsOf(reader, outcome)]);
  const [, ...columns] = headings;
  const cells = [[`${title} (${records} records)`, ...columns], ...lines];
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((line) => (line.length === 2 && column === 1 ? 0 : (line[column]?.length ?? 0)))),
  );
  return cells
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((line) => `${line.join("  ")}\n`)
    .join("");
}

export function renderTargets(targets: readonly Target[]): string {
  return targets
    .map(({ promise, measured, isMet }) => {
      const verdict = measured === undefined ? "not measured" : isMet ? `met: ${measured}` : `falls short: ${measured}`;
      return `${promise}: ${verdict}\n`;
    })
    .join("");
}

function cellsOf(reader: string, outcome: Outcome): readonly string[] {
  if (outcome.kind === "unable") {
    return [`- (${outcome.why})`];
  }
  return [
    outcome.recordsPerSecond.toFixed(0),
    outcome.megabytesPerSecond.toFixed(0),
    outcome.cpuSecondsPerMillion.toFixed(3),
    outcome.peakRssBytes === 0 ? "-" : `${(outcome.peakRssBytes / 1e6).toFixed(0)} MB`,
    reader === "ours" ? "" : `${outcome.speedRatio.toFixed(2)}x`,
    reader === "ours" ? "" : `${outcome.cpuRatio.toFixed(2)}x`,
  ];
}
