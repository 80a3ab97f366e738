// ranges dead-letters list, show, delete.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { LetterStore } from "../../../shared/core/failure/letter-store.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import { tabulate } from "../output/tabulate.ts";
import type { Terminal } from "../output/terminal.ts";
import { gatherLetters, type LetterChoice, type OpenLetter } from "./gather-letters.ts";

export interface LetterDeps {
  readonly store: LetterStore;
  readonly terminal: Terminal;
}

export interface LetterAct {
  readonly choice: LetterChoice;
  readonly json: boolean;
}

const HEADINGS = ["FAILED AT", "PIPELINE", "RECORD", "KIND", "ATTEMPT", "ERROR"];

export async function listLetters({ store, terminal }: LetterDeps, { choice, json }: LetterAct): Promise<ExitCode> {
  const letters = await gatherLetters(store, choice, terminal);
  const lines = json
    ? letters.map((letter) => stringify(shownLetter(letter)))
    : letters.length === 0
      ? []
      : tabulate([HEADINGS, ...letters.map(rowOf)]);
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

export async function deleteLetters(
  { store, terminal }: LetterDeps,
  { choice, json, isDryRun }: LetterAct & { readonly isDryRun: boolean },
): Promise<ExitCode> {
  const letters = await gatherLetters(store, choice, terminal);
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

/** Without its record, and without its stack. */
function shownLetter({ chain, topic, partition, offset, kind, attempt, at, error, ...letter }: OpenLetter) {
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
  };
}

export function recordOf({ topic, partition, offset }: Pick<OpenLetter, "topic" | "partition" | "offset">): string {
  return `${topic}:${partition}:${offset}`;
}

function rowOf(letter: OpenLetter): readonly string[] {
  const { chain, kind, attempt, at, error } = letter;
  const when = new Date(at).toISOString();
  return [when, chain.pipeline, recordOf(letter), kind, attempt.toString(), `${error.name}: ${error.message}`];
}

export function countLetters(letters: readonly OpenLetter[]): string {
  const copies = letters.reduce((sum, one) => sum + one.copies.length, 0);
  const said = `${letters.length} dead ${letters.length === 1 ? "letter" : "letters"}`;
  return copies === letters.length ? said : `${said}, in ${copies} copies`;
}
