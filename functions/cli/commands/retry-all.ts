// Retry all
//
// ranges retry --all: what an outage has halted goes on with one command. Each range is retried by a write of its own,
// and only as it was found: what somebody else has retried, skipped or marked meanwhile is left as they left it. A
// record that is to be skipped stays so: nobody spoke of it. Who stops half-way gives the same command again.

import { listNames, quote, showName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { pausesOf } from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { ACTS_PER_PROGRESS_LINE, MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { OperatorNote, RetryEvent, SkipRecordEvent } from "../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import { OutputClosedError } from "../output/terminal.ts";
import { chooseHalted, findHalted, type HaltedChoice } from "../view/find-halted.ts";
import { requirePipeline } from "../view/find-range.ts";
import { reportRangeAct } from "../view/report-range-act.ts";
import { changeRange, type OperatorDeps, pauseNote } from "./act-on-range.ts";

/** Lines about pauses; each partition may have its own. */
const MAX_SHOWN_PAUSES = 20;

export interface RetryAllAct {
  readonly choice: HaltedChoice;
  readonly operator: OperatorNote;
  readonly json: boolean;
  readonly isDryRun: boolean;
}

/** Throws ConfigurationError for a pipeline, a request or a topic that the ledger does not know. */
export async function retryAll(deps: OperatorDeps, act: RetryAllAct): Promise<ExitCode> {
  const { choice } = act;
  const pipeline = await requirePipeline(deps.ledger, choice.pipeline);
  const halted = await findHalted(deps.ledger, pipeline, { requestId: choice.requestId, now: deps.now() });
  requireTopics(choice, pipeline, halted);
  const chosen = chooseHalted(halted, choice);
  if (chosen.length === 0) {
    deps.terminal.note(`nothing to retry: ${whyNothing(choice, halted)}`);
    return EXIT.done;
  }
  return retryEach(deps, act, { chosen, pauseOf: pausesOf(pipeline) });
}

interface Chosen {
  readonly chosen: readonly RangeRecord[];
  readonly pauseOf: ReturnType<typeof pausesOf>;
}

async function retryEach(deps: OperatorDeps, act: RetryAllAct, { chosen, pauseOf }: Chosen): Promise<ExitCode> {
  const { terminal, place } = deps;
  const pauses = new Set<Pause>();
  let retried = 0;
  let refused = 0;
  const retryOne = async (seen: RangeRecord) => {
    terminal.signal.throwIfAborted();
    const done = await changeRange(deps, act, seen, eventFor(seen, act, deps.now()));
    const pause = seen.chain.requestId === undefined ? pauseOf(seen.chain) : undefined;
    if (done.outcome.kind === "changed") {
      retried += 1;
      if (pause !== undefined) {
        pauses.add(pause);
      }
    } else {
      refused += 1;
    }
    // Before others act while this one is printed.
    const acted = retried + refused;
    await reportRangeAct(terminal, act, { verb: "retry", seen, ...done, isOneOfMany: true });
    if (acted % ACTS_PER_PROGRESS_LINE === 0) {
      terminal.note(`${acted} of ${countRanges(chosen.length)} so far`);
    }
  };
  try {
    await mapConcurrently(chosen, MAX_CONCURRENT_ACTS, retryOne);
  } catch (error) {
    terminal.note(`stopped after ${retried} of ${countRanges(chosen.length)}; the same command goes on with the rest`);
    if (terminal.signal.reason instanceof OutputClosedError) {
      return EXIT.failed;
    }
    throw error;
  }
  const verb = act.isDryRun ? "would have retried" : "retried";
  const moved = refused === 0 ? "" : `: ${refused} moved on meanwhile`;
  terminal.note(`${verb} ${retried} of ${countRanges(chosen.length)}${moved}`);
  for (const pause of [...pauses].slice(0, MAX_SHOWN_PAUSES)) {
    terminal.note(pauseNote(place, act.choice.pipeline, pause));
  }
  if (pauses.size > MAX_SHOWN_PAUSES) {
    terminal.note(`and ${pauses.size - MAX_SHOWN_PAUSES} more partitions are paused; see \`ranges status\``);
  }
  return refused === 0 ? EXIT.done : EXIT.failed;
}

function eventFor(seen: RangeRecord, { operator }: RetryAllAct, now: number): RetryEvent | SkipRecordEvent {
  const { skipOffset: offset, revision: ofRevision } = seen;
  const said = { operator, now, ofRevision };
  return offset === undefined ? { kind: "retry", ...said } : { kind: "skipRecord", offset, ...said };
}

/** A request may be of any topic of the cluster. */
function requireTopics({ requestId, topics }: HaltedChoice, pipeline: PipelineRecord, halted: readonly RangeRecord[]) {
  const known = new Set([...pipeline.topics, ...halted].map(({ topic }) => topic));
  const unknown = requestId === undefined ? topics.filter((topic) => !known.has(topic)) : [];
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `--topic ${listNames(unknown.map((topic) => quote(topic)))}: ${pipeline.pipeline} has not started on it; it has ${listNames([...known]) || "none"}`,
    );
  }
}

function whyNothing({ pipeline, requestId }: HaltedChoice, halted: readonly RangeRecord[]): string {
  const whose = requestId === undefined ? pipeline : `request ${quote(requestId)} of ${pipeline}`;
  if (halted.length === 0) {
    return `no range of ${whose} waits for a retry`;
  }
  const distinct = (names: readonly string[]) => listNames([...new Set(names)].map(showName));
  const topics = distinct(halted.map(({ topic }) => topic));
  const errors = distinct(halted.flatMap(({ error }) => (error === undefined ? [] : [error.name])));
  return `none of the ${countRanges(halted.length)} of ${whose} is of that topic and error; they are of ${topics} and halted by ${errors}`;
}

function countRanges(count: number): string {
  return `${count} halted ${count === 1 ? "range" : "ranges"}`;
}
