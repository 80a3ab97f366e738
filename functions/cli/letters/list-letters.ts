// ranges dead-letters list, show, delete.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { LetterStore } from "../../../shared/core/failure/letter-store.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import { tabulate } from "../output/tabulate.ts";
import type { Terminal } from "../output/terminal.ts";
import { gatherLetters, type LetterChoice, type OpenLetter } from "./gather-letters.ts";
import { planRedrive, type RedriveStep, whyOf } from "./plan-redrive.ts";

export interface LetterDeps {
  readonly store: LetterStore;
  readonly terminal: Terminal;
}

/** With a ledger, what is listed says what became of it. */
export interface ListDeps extends LetterDeps {
  readonly ledger?: RangeLedger<never>;
}

export interface LetterAct {
  readonly choice: LetterChoice;
  readonly json: boolean;
}

const HEADINGS = ["FAILED AT", "PIPELINE", "RECORD", "KIND", "ATTEMPT", "ERROR"];

export async function listLetters(
  { store, terminal, ledger }: ListDeps,
  { choice, json }: LetterAct,
): Promise<ExitCode> {
  const letters = await gatherLetters(store, choice, terminal);
  const steps = ledger === undefined ? new Map<OpenLetter, RedriveStep>() : await stepsOf(ledger, letters);
  const headings = ledger === undefined ? HEADINGS : [...HEADINGS.slice(0, -1), "RECORD IS", "ERROR"];
  const lines = json
    ? letters.map((letter) => stringify(shownLetter(letter, steps.get(letter))))
    : letters.length === 0
      ? []
      : tabulate([headings, ...letters.map((letter) => rowOf(letter, steps.get(letter)))]);
  for (const line of lines) {
    await terminal.print(line);
  }
  terminal.note(countLetters(letters));
  return EXIT.done;
}

/** Each as JSON, whole. Throws ConfigurationError where there is none. */
export async function showLetters({ store, terminal }: LetterDeps, { choice }: LetterAct): Promise<ExitCode> {
  const letters = await gatherLetters(store, choice, terminal);
  if (letters.length === 0) {
    throw new ConfigurationError("no dead letter is so; `ranges dead-letters list` shows those that are there");
  }
  for (const { body } of letters) {
    await terminal.print(body);
  }
  return EXIT.done;
}

export interface DeleteAct extends LetterAct {
  readonly isDryRun: boolean;
}

/** With a ledger only those whose records were processed: after all, or by a request since. */
export async function deleteLetters(
  { store, terminal, ledger }: ListDeps,
  { choice, json, isDryRun }: DeleteAct,
): Promise<ExitCode> {
  const gathered = await gatherLetters(store, choice, terminal);
  const steps = ledger === undefined ? undefined : await stepsOf(ledger, gathered);
  const letters = gathered.filter((letter) => steps === undefined || steps.get(letter)?.kind === "processed");
  for (const letter of letters) {
    await terminal.print(json ? stringify(shownLetter(letter)) : rowOf(letter).join("  "));
  }
  if (!isDryRun) {
    await store.remove(
      letters.flatMap(({ copies }) => copies),
      terminal.signal,
    );
  }
  terminal.note(`${isDryRun ? "would have deleted" : "deleted"} ${countLetters(letters)}`);
  return EXIT.done;
}

/** What a redrive would make of each. */
async function stepsOf(
  ledger: RangeLedger<never>,
  letters: readonly OpenLetter[],
): Promise<ReadonlyMap<OpenLetter, RedriveStep>> {
  const ofPipelines = [...Map.groupBy(letters, ({ chain }) => chain.pipeline)];
  const planned = await mapConcurrently(ofPipelines, MAX_CONCURRENT_ACTS, ([pipeline, several]) =>
    planRedrive(ledger, pipeline, several),
  );
  return new Map(planned.flat().map(({ letter, step }) => [letter, step]));
}

/** Without its record, and without its stack. */
function shownLetter(
  { chain, topic, partition, offset, kind, attempt, at, error, ...letter }: OpenLetter,
  step?: RedriveStep,
) {
  const { name, message, inHand } = error;
  return {
    ...chain,
    topic,
    partition,
    offset,
    kind,
    attempt,
    failedAt: new Date(at).toISOString(),
    error: { name, message, inHand },
    invocation: letter.invocation,
    copies: letter.copies.length,
    ...(step === undefined ? {} : { recordIs: RECORD_IS[step.kind], ...omitUndefined({ why: whyOf(step) }) }),
  };
}

export function recordOf({ topic, partition, offset }: Pick<OpenLetter, "topic" | "partition" | "offset">): string {
  return `${topic}:${partition}:${offset}`;
}

const RECORD_IS: Readonly<Record<RedriveStep["kind"], string>> = {
  ask: "given up",
  follow: "asked for",
  processed: "processed",
  pending: "in hand",
  unproven: "unproven",
};

function rowOf(letter: OpenLetter, step?: RedriveStep): readonly string[] {
  const { chain, kind, attempt, at, error } = letter;
  const when = new Date(at).toISOString();
  const what = step === undefined ? [] : [RECORD_IS[step.kind]];
  return [when, chain.pipeline, recordOf(letter), kind, attempt.toString(), ...what, `${error.name}: ${error.message}`];
}

export function countLetters(letters: readonly OpenLetter[]): string {
  const copies = letters.reduce((sum, one) => sum + one.copies.length, 0);
  const said = `${letters.length} dead ${letters.length === 1 ? "letter" : "letters"}`;
  return copies === letters.length ? said : `${said}, in ${copies} copies`;
}
