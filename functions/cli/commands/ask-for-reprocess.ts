// ranges reprocess: asks the scheduler function to reprocess, and follows it.
//
// The function is asked rather than the ledger written: it knows the pipeline's
// configuration, reaches its Kafka, and refuses what it cannot read. The same event
// again changes nothing and answers where the request stands, which is how it is
// followed.

import { setTimeout } from "node:timers/promises";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { MAX_FAILED_POLLS, REPROCESS_POLL_MS } from "../../../shared/core/limits.ts";
import { decodeRefusal } from "../../../shared/wire/events/refusal.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { describeOffsets } from "../view/describe-offsets.ts";

export interface ReprocessDeps {
  /** Invokes the scheduler function and waits for its answer. */
  readonly invoke: (event: object) => Promise<unknown>;
  readonly terminal: Terminal;
  /** @default REPROCESS_POLL_MS */
  readonly pollMs?: number;
}

export interface ReprocessOptions {
  readonly payload: { readonly requestId: string };
  readonly isDryRun: boolean;
  readonly waits: boolean;
}

/** What of the scheduler's answer is shown. */
export interface RequestAnswer {
  readonly requestId: string;
  readonly closed: boolean;
  readonly completed: boolean;
  readonly cancelled: boolean;
  readonly progress: Readonly<Record<"total" | "closed" | "open" | "halted", number>>;
  readonly offsets: { readonly total: string } & Readonly<Record<string, string>>;
  readonly ranges: readonly { readonly kind: string; readonly reason?: string }[];
}

/**
 * Throws ConfigurationError for what the function refuses. A request that is waited for ends with exit code 1
 * unless each of its offsets was processed, or is invisible.
 */
export async function askForReprocess(deps: ReprocessDeps, options: ReprocessOptions): Promise<ExitCode> {
  const { terminal } = deps;
  if (options.isDryRun) {
    const answer = await ask(deps, { ...options.payload, dryRun: true });
    const { ranges, total } = rangesOf(answer);
    await terminal.print(stringify(total === undefined ? { ranges } : { ranges, total }));
    if (total !== undefined) {
      terminal.note(`the first ${ranges.length} of ${total} ranges; ask for less at a time to see the others`);
    }
    return EXIT.done;
  }
  const last = await requestReprocess(deps, options);
  const { requestId, closed, completed, cancelled, progress, offsets } = last;
  await terminal.print(stringify({ requestId, closed, completed, cancelled, progress, offsets }));
  return !options.waits || completed ? EXIT.done : EXIT.failed;
}

/** Where the request stands, at its end where it is waited for. Throws ConfigurationError for what the function refuses. */
export async function requestReprocess(
  deps: ReprocessDeps,
  options: Pick<ReprocessOptions, "payload" | "waits">,
): Promise<RequestAnswer> {
  const first = answerOf(await ask(deps, options.payload));
  return options.waits ? follow(deps, options, first) : first;
}

/** The topic ids that the function finds for a payload, by topic. Nothing is requested. */
export async function topicIdsOf(deps: ReprocessDeps, payload: object): Promise<ReadonlyMap<string, string>> {
  const { dryRun } = (await ask(deps, { ...payload, dryRun: true })) as {
    readonly dryRun?: { readonly ranges: readonly { readonly topic: string; readonly topicId?: string }[] };
  };
  return new Map((dryRun?.ranges ?? []).map(({ topic, topicId = "" }) => [topic, topicId]));
}

/** Throws ConfigurationError for what the function refuses. */
async function ask({ invoke }: ReprocessDeps, payload: object): Promise<unknown> {
  const answer = await invoke({ reprocess: { ...payload, answerRefusal: true } });
  const refusal = decodeRefusal(answer);
  if (refusal !== undefined) {
    throw refusal;
  }
  return answer;
}

/** Until nothing of the request moves any more: closed, or all that is open waits for an operator. */
async function follow(
  deps: ReprocessDeps,
  { payload }: Pick<ReprocessOptions, "payload">,
  first: RequestAnswer,
): Promise<RequestAnswer> {
  const { terminal, pollMs = REPROCESS_POLL_MS } = deps;
  let answer = first;
  let shown = "";
  let failures = 0;
  while (!answer.closed && !isStuck(answer)) {
    const line = describe(answer);
    if (line !== shown) {
      terminal.note(line);
      shown = line;
    }
    await setTimeout(pollMs, undefined, { signal: terminal.signal });
    try {
      answer = answerOf(await ask(deps, payload));
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof ConfigurationError || failures >= MAX_FAILED_POLLS) {
        throw error;
      }
      terminal.note(`${String(error)}; looking again`);
    }
  }
  terminal.note(describe(answer));
  return answer;
}

function isStuck({ progress, ranges }: RequestAnswer): boolean {
  return progress.open > 0 && progress.halted === progress.open && ranges.every(({ kind }) => kind === "halted");
}

function describe({ progress, offsets, ranges, ...request }: RequestAnswer): string {
  const { closed, open, halted } = progress;
  const { total, ...parts } = offsets;
  const halts = ranges.flatMap(({ kind, reason = "" }) => (kind === "halted" ? [`; ${reason}`] : []));
  const counts = `${closed} of ${progress.total} ranges closed, ${open} open, ${halted} halted`;
  return `${request.requestId} ${stateOf(request)}: ${counts}; ${describeOffsets(total, parts)}${halts.join("")}`;
}

function stateOf({ closed, completed, cancelled }: Pick<RequestAnswer, "closed" | "completed" | "cancelled">): string {
  if (!closed) {
    return cancelled ? "cancelling" : "open";
  }
  return completed ? "completed" : `${cancelled ? "cancelled" : "closed"}, not every offset was processed`;
}

function answerOf(outcome: unknown): RequestAnswer {
  // Earlier code says less.
  type Answer = Omit<RequestAnswer, "offsets"> & Partial<Pick<RequestAnswer, "offsets">>;
  const [answer] = (outcome as { readonly reprocess?: readonly Answer[] } | undefined)?.reprocess ?? [];
  if (answer?.progress === undefined) {
    throw new ConfigurationError(
      `the function's answer says nothing of a request: ${quote(outcome)}; is it a pipeline's scheduler?`,
    );
  }
  if (answer.offsets === undefined) {
    throw new ConfigurationError(
      `the function's answer does not say what became of the offsets of ${answer.requestId}; deploy the scheduler anew, of this version at least`,
    );
  }
  return { ...answer, offsets: answer.offsets };
}

/** With their number where they are not all. */
function rangesOf(outcome: unknown): { readonly ranges: readonly object[]; readonly total?: number } {
  // Earlier code says no total.
  type DryRun = { readonly ranges: readonly Record<string, unknown>[]; readonly total?: number };
  const { dryRun } = (outcome ?? {}) as { readonly dryRun?: DryRun };
  if (dryRun === undefined) {
    throw new ConfigurationError(
      `the function's answer has no ranges: ${quote(outcome)}; is it a pipeline's scheduler?`,
    );
  }
  const { ranges, total = ranges.length } = dryRun;
  return {
    ranges: ranges.map(({ topicId: _internal, ...range }) => range),
    ...(total === ranges.length ? {} : { total }),
  };
}
