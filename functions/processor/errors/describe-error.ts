import type { AttemptError } from "../../../shared/core/attempt-error.ts";
import { cutText, listNames } from "../../../shared/core/bounded-text.ts";
import { errorParts, isSuppressing } from "../../../shared/core/failure/error-parts.ts";
import { MAX_ERROR_CAUSES, MAX_ERROR_MESSAGE_LENGTH, MAX_LETTER_STACK_LENGTH } from "../../../shared/core/limits.ts";
import { readableError } from "./readable-error.ts";

/** What the ledger keeps of an error, whatever was thrown; `why` comes first where it is given. */
export function describeError(thrown: unknown, why?: string): AttemptError {
  const error = readableError(thrown);
  const said = [error.message, describeParts(error)].filter((text) => text !== "").join(" ");
  return {
    name: cutError(error.name === "" ? "Error" : error.name),
    message: cutError(why === undefined ? said : `${why}: ${said}`),
  };
}

/** What a dead letter keeps of where an error came from: its stack and those of its causes, cut; undefined without any. */
export function describeStack(thrown: unknown): string | undefined {
  const stacks: string[] = [];
  let link: unknown = thrown;
  while (link != null && stacks.length < MAX_ERROR_CAUSES) {
    const error = readableError(link);
    stacks.push(error.stack ?? "");
    link = isSuppressing(error) ? error.suppressed : error.cause;
  }
  const text = stacks.filter((stack) => stack !== "").join("\ncaused by ");
  return text === "" ? undefined : cutText(text, MAX_LETTER_STACK_LENGTH).toWellFormed();
}

/** Cuts a text to what the ledger keeps of an error's, between characters. */
export function cutError(text: string): string {
  return cutText(text, MAX_ERROR_MESSAGE_LENGTH).toWellFormed();
}

/** What an error of several says itself is seldom more than that there were errors. */
function describeParts(error: Error): string {
  const texts = errorParts(error)
    .map(readableError)
    .map(({ name, message }) => `${name}: ${message}`);
  return texts.length === 0 ? "" : `(${listNames(texts)})`;
}
