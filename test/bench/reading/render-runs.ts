import type { CaseReport, StateReport } from "../scheduling/run-scheduler-case.ts";
import { LEDGER_STATES } from "../scheduling/scheduling.ts";

const headings = [
  "partitions",
  "state",
  "seconds",
  "CPU s",
  "peak RSS",
  "reads",
  "writes",
  "invocations",
  "ListOffsets",
  "per 0.1 s",
];

/** One line per state of a case, under headings. */
export function renderRuns(reports: readonly CaseReport[]): string {
  const lines = reports.flatMap(({ partitions, states }) => states.map((state) => cellsOf(partitions, state)));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  return [headings, ...lines]
    .map((cells) => `${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}\n`)
    .join("");
}

function cellsOf(partitions: number, { state, result, listOffsetsPerBroker }: StateReport): readonly string[] {
  return [
    String(partitions),
    state,
    (result.wallMs / 1_000).toFixed(2),
    (result.cpuMs / 1_000).toFixed(2),
    `${(result.peakRssBytes / 1_048_576).toFixed(0)} MB`,
    String(result.reads),
    String(result.writes),
    String(result.dispatches),
    String(listOffsetsPerBroker),
    String(result.densestTenth),
  ];
}

/** How each state's cost grows from the smallest case to the largest. */
export function renderGrowth(reports: readonly CaseReport[]): string {
  const [smallest, largest] = [reports.at(0), reports.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) {
    return "";
  }
  const lines = largest.states.flatMap((last) => {
    const first = smallest.states.find(({ state }) => state === last.state);
    return first === undefined ? [] : [growthLine(last, first)];
  });
  return `${largest.partitions / smallest.partitions} times the partitions cost\n${lines.join("")}`;
}

function growthLine({ state, result }: StateReport, { result: first }: StateReport): string {
  const times = (last: number, before: number) => `${(last / before).toFixed(1)} times`;
  return `  ${state} (${LEDGER_STATES[state]}): ${times(result.wallMs, first.wallMs)} the time, ${times(result.cpuMs, first.cpuMs)} the CPU\n`;
}
