// ranges dead-letters redrive: has the records of letters processed again, and deletes what is done.
//
//   RD3  A letter is deleted only once the ledger says that its record was processed.
//   RD4  Of a record that fails again the letter of the new failure stays, alone.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_LOOKS, MAX_REDRIVEN_LETTERS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { type ReprocessDeps, requestReprocess, topicIdsOf } from "../commands/ask-for-reprocess.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { LetterChoice, OpenLetter } from "./gather-letters.ts";
import { gatherLetters } from "./gather-letters.ts";
import { countLetters, type LetterAct, type LetterDeps, recordOf } from "./list-letters.ts";
import { joinRanges, type PlannedLetter, planRedrive, rangesOf, requestIdOf, whyOf } from "./plan-redrive.ts";
import { type SettledLetter, settleRequest } from "./settle-redrive.ts";

export interface RedriveDeps extends LetterDeps, ReprocessDeps {
  readonly ledger: RangeLedger<never>;
}

export interface RedriveAct extends LetterAct {
  readonly choice: LetterChoice & { readonly pipeline: string };
  readonly isDryRun: boolean;
  /** Whether also what may have been processed is asked for. */
  readonly includesUnproven: boolean;
}

/** Exit code 1 unless each of them was processed. */
export async function redriveLetters(deps: RedriveDeps, act: RedriveAct): Promise<ExitCode> {
  const { ledger, store, terminal } = deps;
  const { pipeline } = act.choice;
  const letters = await gatherLetters(store, act.choice, terminal);
  const found = await planRedrive(ledger, pipeline, letters);
  const planned = act.includesUnproven ? found.map(askAnyway) : found;
  if (act.isDryRun) {
    for (const { letter, step } of planned) {
      await report(deps, act, { letter, result: DRY[step.kind], ...omitUndefined({ why: whyOf(step) }) });
    }
    terminal.note(`${countLetters(letters)}: ${countSteps(planned)}`);
    return EXIT.done;
  }
  const settled = [
    ...(await settleProcessed(deps, planned)),
    ...(await followRequests(deps, planned)),
    ...(await askForAll(deps, planned)),
  ];
  for (const one of settled) {
    await report(deps, act, one);
  }
  const count = (result: SettledLetter["result"]) => settled.filter((one) => one.result === result).length;
  const done = count("processed");
  const left = settled.length - done - count("failed again");
  terminal.note(`${countLetters(letters)}: ${done} processed, ${count("failed again")} failed again, ${left} left`);
  return done === settled.length ? EXIT.done : EXIT.failed;
}

const DRY = {
  ask: "would be asked for",
  follow: "was asked for",
  processed: "was processed",
  pending: "would be left",
  unproven: "would be left",
} as const;

/** In the order of the summary. */
const DRY_COUNTED = {
  ask: "would be asked for",
  follow: "asked for already",
  processed: "processed already",
  pending: "in hand",
  unproven: "unproven",
} as const;

/** What would be asked for, and what becomes of the others if there are any. */
function countSteps(planned: readonly PlannedLetter[]): string {
  const counts = Object.entries(DRY_COUNTED).map(([kind, said]) => ({
    kind,
    said,
    count: planned.filter(({ step }) => step.kind === kind).length,
  }));
  return counts
    .filter(({ kind, count }) => kind === "ask" || count > 0)
    .map(({ said, count }) => `${count} ${said}`)
    .join(", ");
}

function askAnyway({ letter, step }: PlannedLetter): PlannedLetter {
  return { letter, step: step.kind === "unproven" ? { kind: "ask", ...omitUndefined({ after: step.after }) } : step };
}

async function settleProcessed(
  { store, terminal }: RedriveDeps,
  planned: readonly PlannedLetter[],
): Promise<readonly SettledLetter[]> {
  const done = planned.filter(({ step }) => step.kind === "processed");
  await store.remove(
    done.flatMap(({ letter }) => letter.copies),
    terminal.signal,
  );
  const left = planned.filter(({ step }) => step.kind === "pending" || step.kind === "unproven");
  const told = (several: readonly PlannedLetter[], result: "processed" | "left") =>
    several.map(({ letter, step }) => ({ letter, result, ...omitUndefined({ why: whyOf(step) }) }));
  return [...told(done, "processed"), ...told(left, "left")];
}

/** The requests of a redrive that was ended before it had deleted its letters. */
async function followRequests(deps: RedriveDeps, planned: readonly PlannedLetter[]): Promise<readonly SettledLetter[]> {
  const followed = planned.flatMap(({ letter, step }) =>
    step.kind === "follow" ? [{ letter, request: step.request }] : [],
  );
  const settled: SettledLetter[] = [];
  for (const several of Map.groupBy(followed, ({ request }) => request.requestId).values()) {
    const [first] = several;
    if (first !== undefined) {
      const { requestId, ranges } = first.request;
      // As it was asked: the scheduler cuts what is long.
      await askAndWait(deps, { requestId, ranges: joinRanges(ranges) });
      settled.push(
        ...(await settleRequest(
          deps,
          first.request,
          several.map(({ letter }) => letter),
        )),
      );
    }
  }
  return settled;
}

async function askForAll(deps: RedriveDeps, planned: readonly PlannedLetter[]): Promise<readonly SettledLetter[]> {
  const asked = planned.flatMap(({ letter, step }) => (step.kind === "ask" ? [{ letter, after: step.after }] : []));
  const letters = asked.map(({ letter }) => letter);
  const afterOf = new Map(asked.map(({ letter, after }) => [letter, after]));
  const settled: SettledLetter[] = [];
  for (let start = 0; start < letters.length; start += MAX_REDRIVEN_LETTERS) {
    const { good, left } = await sortOut(deps, letters.slice(start, start + MAX_REDRIVEN_LETTERS));
    settled.push(...left);
    if (good.length > 0) {
      const requestId = requestIdOf(good, (letter) => afterOf.get(letter));
      await askAndWait(deps, { requestId, ranges: rangesOf(good) });
      settled.push(...(await settleRequest(deps, await requestOf(deps, good, requestId), good)));
    }
  }
  return settled;
}

async function requestOf(
  { ledger }: RedriveDeps,
  [first]: readonly OpenLetter[],
  requestId: string,
): Promise<ReprocessRequest> {
  const request = first === undefined ? undefined : await ledger.readReprocess(first.chain.pipeline, requestId);
  if (request === undefined) {
    throw new ConfigurationError(
      `the ledger has no request ${requestId} after it was asked for; is --function the scheduler of this --table and --pipeline?`,
    );
  }
  return request;
}

interface Asked {
  readonly requestId: string;
  readonly ranges: readonly object[];
}

/** As the function sees it: offsets are texts in JSON. */
async function askAndWait(deps: RedriveDeps, payload: Asked): Promise<void> {
  await requestReprocess(deps, { payload: JSON.parse(stringify(payload)), waits: true });
}

/** Those that the scheduler would take; a record that its log no longer holds is left with its letter. */
async function sortOut(
  deps: RedriveDeps,
  letters: readonly OpenLetter[],
): Promise<{ readonly good: readonly OpenLetter[]; readonly left: readonly SettledLetter[] }> {
  const look = async (several: readonly OpenLetter[]) =>
    topicIdsOf(deps, JSON.parse(stringify({ requestId: "redrive-look", ranges: rangesOf(several) })));
  const judge = (letter: OpenLetter, ids: ReadonlyMap<string, string>): SettledLetter | undefined =>
    ids.get(letter.topic) === letter.chain.topicId
      ? undefined
      : { letter, result: "left", why: "its topic was created again: the record is gone" };
  const judged = await look(letters).then(
    (ids) => letters.map((letter) => ({ letter, left: judge(letter, ids) })),
    (error: unknown) => {
      if (!(error instanceof ConfigurationError) || letters.length === 0) {
        throw error;
      }
      return mapConcurrently(letters, MAX_CONCURRENT_LOOKS, async (letter) => ({
        letter,
        left: await look([letter]).then(
          (ids) => judge(letter, ids),
          (refused: unknown) => {
            if (!(refused instanceof ConfigurationError)) {
              throw refused;
            }
            return { letter, result: "left", why: refused.message } as const;
          },
        ),
      }));
    },
  );
  return {
    good: judged.filter(({ left }) => left === undefined).map(({ letter }) => letter),
    left: judged.flatMap(({ left }) => (left === undefined ? [] : [left])),
  };
}

async function report(
  { terminal }: RedriveDeps,
  { json }: RedriveAct,
  { letter, result, why }: Omit<SettledLetter, "result"> & { readonly result: string },
): Promise<void> {
  const { topic, partition, offset } = letter;
  const said = { topic, partition, offset, result, why };
  await terminal.print(json ? stringify(said) : `${recordOf(letter)}  ${result}${why === undefined ? "" : `: ${why}`}`);
}
