// Runs all readers of a case by turns, round after round, so that whatever else
// the machine does meanwhile meets each of them alike.

import { median } from "../median.ts";
import type { BenchCase, ReaderName } from "./bench-cases.ts";
import { inability } from "./bench-cases.ts";
import type { BenchStack, FilledLog } from "./bench-stack.ts";
import type { LineProcess } from "./line-process.ts";
import type { ReadResult } from "./reading.ts";

/** Unmeasured: they bring code, connections and the broker's page cache to their running temperature. */
const WARM_UP_ROUNDS = 2;

export interface Measurement {
  readonly kind: "measured";
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakRssBytes: number;
  /** Ours by this reader's, round by round; their median. */
  readonly speedRatio: number;
  readonly cpuRatio: number;
}

export type Outcome = Measurement | { readonly kind: "unable"; readonly why: string };

export interface CaseReport {
  readonly case: BenchCase;
  readonly outcomes: Readonly<Partial<Record<ReaderName, Outcome>>>;
}

export interface CaseRun {
  readonly log: FilledLog;
  readonly report: CaseReport;
}

/** Throws when ours or Java's reads anything but what was written; another reader that does is shown as unable. */
export async function runCase(stack: BenchStack, benchCase: BenchCase, rounds: number): Promise<CaseRun> {
  const log = await stack.fill(benchCase);
  const entrants = benchCase.readers.map((reader) => new Entrant(reader, log, inability(reader, benchCase)));
  try {
    for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
      // Each reader comes first in some rounds.
      const order = entrants.map((_, index) => entrants[(index + round) % entrants.length] as Entrant); // In bounds.
      for (const entrant of order) {
        await entrant.read(stack, benchCase, round >= WARM_UP_ROUNDS);
      }
    }
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.stop()));
  }
  const ours = entrants.find(({ reader }) => reader === "ours")?.results ?? [];
  const outcomes = Object.fromEntries(entrants.map((each) => [each.reader, each.summarize(ours)]));
  return { log, report: { case: benchCase, outcomes } };
}

class Entrant {
  readonly reader: ReaderName;
  readonly results: ReadResult[] = [];
  readonly #log: FilledLog;
  #process: LineProcess | undefined;
  #inability: string | undefined;

  constructor(reader: ReaderName, log: FilledLog, reason: string | undefined) {
    this.reader = reader;
    this.#log = log;
    this.#inability = reason;
  }

  async read(stack: BenchStack, benchCase: BenchCase, isMeasured: boolean): Promise<void> {
    if (this.#inability !== undefined) {
      return;
    }
    this.#process ??= stack.startReader(this.reader, benchCase);
    const result = await this.#process.ask<ReadResult>(this.#log.task);
    const problem = findProblem(this.reader, result, this.#log);
    if (problem !== undefined) {
      if (this.reader !== "kafkajs" && this.reader !== "platformatic") {
        throw new Error(`${this.reader} in ${benchCase.name}: ${problem}`);
      }
      this.#inability = problem;
    }
    if (isMeasured) {
      this.results.push(result);
    }
  }

  summarize(ours: readonly ReadResult[]): Outcome {
    if (this.#inability !== undefined) {
      return { kind: "unable", why: this.#inability };
    }
    const { results } = this;
    const { records, keyBytes, valueBytes } = this.#log.expected;
    const seconds = median(results.map(({ wallMs }) => wallMs)) / 1_000;
    const cpuSeconds = median(results.map(({ cpuMs }) => cpuMs)) / 1_000;
    return {
      kind: "measured",
      recordsPerSecond: records / seconds,
      megabytesPerSecond: (keyBytes + valueBytes) / 1e6 / seconds,
      cpuSecondsPerMillion: (cpuSeconds / records) * 1e6,
      peakRssBytes: Math.max(...results.map(({ peakRssBytes }) => peakRssBytes)),
      speedRatio: median(results.map(({ wallMs }, round) => wallMs / (ours[round]?.wallMs ?? Number.NaN))),
      cpuRatio: median(results.map(({ cpuMs }, round) => cpuMs / (ours[round]?.cpuMs ?? Number.NaN))),
    };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}

function findProblem(reader: ReaderName, result: ReadResult, { expected }: FilledLog): string | undefined {
  // The bare socket looks at no keys and values.
  const names = reader === "bareSocket" ? (["records", "offsetSum"] as const) : totalNames;
  const wrong = names.filter((name) => result[name] !== expected[name]);
  return wrong.length === 0
    ? undefined
    : `delivered wrong ${wrong.map((name) => `${name} ${result[name]} instead of ${expected[name]}`).join(", ")}`;
}

const totalNames = ["records", "offsetSum", "keyBytes", "valueBytes"] as const;
