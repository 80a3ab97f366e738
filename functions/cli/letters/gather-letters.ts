// Gather letters
//
// The letters of a target that are chosen, one for each record: copies of one, by a retry or a
// second failure, belong together, and the newest speaks for them.

import type { LetterStore, StoredLetter } from "../../../shared/core/failure/letter-store.ts";
import { ACTS_PER_PROGRESS_LINE } from "../../../shared/core/limits.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { compareTopicPartitions } from "../../../shared/core/range/topic-partition.ts";
import { decodeDeadLetter, type LetterHead } from "../../../shared/wire/events/decode-dead-letter.ts";
import type { Terminal } from "../output/terminal.ts";
import { letterName } from "./letter-name.ts";

/** What is not given leaves none out. */
export interface LetterChoice {
  readonly pipeline?: string | undefined;
  readonly topics: readonly string[];
  readonly ranges: readonly OffsetRange[];
  readonly errors: readonly string[];
  /** From inclusive, until exclusive, in milliseconds since the epoch. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
}

export interface OpenLetter extends LetterHead {
  readonly name: string;
  /** When its last attempt failed, in milliseconds since the epoch. */
  readonly at: number;
  /** The newest copy's JSON. */
  readonly body: string;
  /** Oldest first. */
  readonly copies: readonly Copy[];
}

export interface Copy extends StoredLetter {
  readonly requestId: string | undefined;
  readonly at: number;
}

/** By pipeline, topic, partition and offset. */
export async function gatherLetters(
  store: LetterStore,
  choice: LetterChoice,
  { note, signal }: Pick<Terminal, "note" | "signal">,
): Promise<readonly OpenLetter[]> {
  const found = new Map<string, { readonly copy: Copy; readonly letter: LetterHead }[]>();
  const [only, ...others] = choice.topics;
  const scope = { pipeline: choice.pipeline, topic: others.length === 0 ? only : undefined };
  let seen = 0;
  let foreign = 0;
  for await (const stored of store.browse(scope, signal)) {
    seen += 1;
    const letter = decodeDeadLetter(stored.body);
    if (letter === undefined) {
      foreign += 1;
    } else if (isOfPlace(letter, choice)) {
      const name = letterName(letter);
      const copy = { ...stored, requestId: letter.chain.requestId, at: letter.failedAt ?? stored.keptAt };
      found.set(name, [...(found.get(name) ?? []), { copy, letter }]);
    }
    if (seen % ACTS_PER_PROGRESS_LINE === 0) {
      note(`${seen} letters looked at so far`);
    }
  }
  if (foreign > 0) {
    note(`${foreign} of ${seen} are no dead letters of a pipeline, and are left alone`);
  }
  return [...found]
    .map(([name, several]) => openLetter(name, several))
    .filter((one) => isOfError(one, choice))
    .sort(inOrder);
}

/** The same for each copy of a letter. */
function isOfPlace(
  { chain, topic, partition, offset }: LetterHead,
  { pipeline, topics, ranges }: LetterChoice,
): boolean {
  return (
    (pipeline === undefined || chain.pipeline === pipeline) &&
    (topics.length === 0 || topics.includes(topic)) &&
    (ranges.length === 0 ||
      ranges.some(
        (range) =>
          range.topic === topic &&
          range.partition === partition &&
          range.fromOffset <= offset &&
          offset < range.untilOffset,
      ))
  );
}

/** Of the last failure. */
function isOfError({ error, at }: OpenLetter, { errors, since, until }: LetterChoice): boolean {
  return (
    (errors.length === 0 || errors.includes(error.name)) &&
    (since === undefined || BigInt(at) >= since) &&
    (until === undefined || BigInt(at) < until)
  );
}

function openLetter(
  name: string,
  several: readonly { readonly copy: Copy; readonly letter: LetterHead }[],
): OpenLetter {
  const sorted = several.toSorted((a, b) => a.copy.at - b.copy.at);
  const newest = sorted.at(-1);
  if (newest === undefined) {
    throw new TypeError(`${name} has no copy`);
  }
  const { letter, copy } = newest;
  return { ...letter, name, at: copy.at, body: copy.body, copies: sorted.map((one) => one.copy) };
}

function inOrder(a: OpenLetter, b: OpenLetter): number {
  return (
    compareText(a.chain.pipeline, b.chain.pipeline) ||
    compareTopicPartitions(a, b) ||
    compareText(a.chain.topicId, b.chain.topicId) ||
    (a.offset < b.offset ? -1 : 1)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
