// Local run
//
// Deployed pipelines on local servers: their schedulers run every few seconds, where each
// partition stands is shown, and what dies meanwhile is started again. The run goes on
// from what the ledger and the log hold.

import { isClosed } from "../../../shared/core/range/range-record.ts";
import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import type { SchedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import type { PartitionStatus } from "../../cli/view/read-status.ts";
import { isDrained, isSettled, type RunningPipeline } from "../deploy/deployed-pipeline.ts";
import { pause } from "../process/pause.ts";
import { createLiveRows } from "../view/live-rows.ts";
import type { LiveTable } from "../view/live-table.ts";
import { createExplainer } from "./explain-failures.ts";
import type { LocalServers } from "./local-servers.ts";
import { repeatRun } from "./repeat-run.ts";

const REFRESH_MS = 1_000;
const RETRY_MS = 1_000;
const DRAIN_DEADLINE_MS = 180_000;
/** How long a deployment waits for what is being processed, and how soon a dispatched range is begun. */
const QUIET_DEADLINE_MS = 10_000;
const DISPATCH_MS = 3_000;
const QUIET_POLL_MS = 200;

export interface LocalPipeline {
  readonly running: RunningPipeline;
  readonly config: Pick<SchedulerEnvironment, "isolationLevel">;
}

export interface LocalRunOptions {
  readonly servers: LocalServers;
  readonly table: LiveTable;
  readonly intervalMs: number;
  /** Ends the batches early. */
  readonly signal: AbortSignal;
  /** Deploys to the servers, also again when the endpoint is a new one. */
  readonly deploy: () => Promise<readonly LocalPipeline[]>;
  /** What is said beside the table's title. @default nothing */
  readonly remark?: () => string;
}

export class LocalRun {
  readonly #options: LocalRunOptions;
  readonly #kafka: { readonly source: OffsetSource; readonly reader: RangeReader };
  readonly #rowsOf = createLiveRows(() => Date.now());
  #pipelines: readonly LocalPipeline[] = [];
  readonly #opened: LocalPipeline[] = [];
  #title = "";
  /** While something goes on during which no scheduler runs. */
  #held: Promise<unknown> | undefined;
  readonly #explain: (statuses: readonly PartitionStatus[]) => void;

  constructor(options: LocalRunOptions) {
    this.#options = options;
    const kafka = { clientId: "ranges-dev", bootstrapServers: options.servers.bootstrapServers.split(",") };
    this.#explain = createExplainer(
      (line) => this.#say(line),
      (name) => this.#tableOf(name),
    );
    this.#kafka = { source: createKafkaOffsetSource(kafka), reader: createKafkaRangeReader(kafka) };
  }

  get pipelines(): readonly LocalPipeline[] {
    return this.#pipelines;
  }

  /** Asks the local Kafka. */
  get source(): OffsetSource {
    return this.#kafka.source;
  }

  async deploy(): Promise<void> {
    this.replacePipelines(await this.#options.deploy());
  }

  /** From now on these are run. */
  replacePipelines(pipelines: readonly LocalPipeline[]): void {
    this.#pipelines = pipelines;
    // Those before may be in the midst of a call.
    this.#opened.push(...pipelines);
  }

  /** Shows the table until what is given has ended. */
  async watchWhile<Result>(act: () => Promise<Result>): Promise<Result> {
    const watching = new AbortController();
    const watched = this.#watch(watching.signal);
    try {
      return await act();
    } finally {
      watching.abort();
      await watched;
      this.#options.table.close();
    }
  }

  /** So many scheduler runs of each pipeline, or, without a number, until the signal fires. */
  async runBatches(batches = Number.POSITIVE_INFINITY): Promise<void> {
    const { intervalMs, signal } = this.#options;
    for (let batch = 1; batch <= batches && !signal.aborted; batch += 1) {
      await this.#held;
      this.#title = Number.isFinite(batches) ? `batch ${batch} of ${batches}` : `batch ${batch}`;
      await this.#schedule({ signal, isEndless: !Number.isFinite(batches) });
      await pause(intervalMs, signal);
    }
  }

  /**
   * Acts while no scheduler runs and nothing is processed, for which it waits QUIET_DEADLINE_MS at most: a local endpoint
   * ends the processes of a function that gets other code, and the lease of who is ended so holds its partition.
   */
  async whileQuiet<Result>(act: () => Promise<Result>): Promise<Result> {
    const held = this.#becomeQuiet().then(act);
    this.#held = held.catch(() => undefined);
    return held;
  }

  async #becomeQuiet(): Promise<void> {
    const deadline = Date.now() + QUIET_DEADLINE_MS;
    const isBusy = ({ newest }: PartitionStatus) =>
      newest !== undefined &&
      !isClosed(newest) &&
      (newest.status === "RUNNING" || Date.now() - (newest.dispatchedAt ?? 0) < DISPATCH_MS);
    while (Date.now() < deadline && ((await this.status()) ?? []).some(isBusy)) {
      await pause(QUIET_POLL_MS);
    }
  }

  /** Goes on scheduling until everything is processed, or waits for an operator; whether all is processed. */
  async drain(signal?: AbortSignal): Promise<boolean> {
    const deadline = Date.now() + DRAIN_DEADLINE_MS;
    while (signal?.aborted !== true) {
      this.title = "waiting for the last ranges";
      await this.#schedule({ signal });
      await pause(RETRY_MS, signal);
      const statuses = await this.status();
      if (statuses !== undefined && statuses.length > 0 && isSettled(statuses)) {
        this.#explain(statuses);
        return isDrained(statuses);
      }
      if (Date.now() > deadline) {
        this.#say(`not everything was processed within ${DRAIN_DEADLINE_MS / 1_000} s`);
        return false;
      }
    }
    return false;
  }

  set title(title: string) {
    this.#title = title;
  }

  /** Undefined while Kafka or the endpoint does not answer: the next scheduler run sees to that. */
  async status(): Promise<readonly PartitionStatus[] | undefined> {
    const now = () => Date.now();
    try {
      const read = this.#pipelines.map(({ running, config: { isolationLevel } }) =>
        running.status({ ...this.#kafka, isolationLevel, now }),
      );
      return (await Promise.all(read)).flat();
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    for (const { running } of this.#opened) {
      running.close();
    }
    await Promise.all([this.#kafka.source.close(), this.#kafka.reader.close()]);
  }

  /** One run of each scheduler; whatever has died is started again until they succeed. */
  async #schedule({
    signal,
    isEndless = false,
  }: {
    signal?: AbortSignal | undefined;
    isEndless?: boolean;
  }): Promise<void> {
    const title = this.#title;
    await repeatRun({
      signal,
      retryMs: RETRY_MS,
      isEndless,
      note: (line) => {
        this.#title = `${title}, tried again`;
        this.#say(line);
      },
      run: async () => {
        const { isEndpointNew } = await this.#options.servers.revive();
        if (isEndpointNew) {
          this.#say("the ledger starts over with the log");
          await this.deploy();
        }
        await Promise.all(this.#pipelines.map(({ running }) => running.schedule()));
      },
    });
    this.#title = title;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { table, remark = () => "" } = this.#options;
    while (!signal.aborted) {
      const statuses = await this.status();
      this.#explain(statuses ?? []);
      const waiting = statuses === undefined ? "; waiting for Kafka and the ledger to answer" : "";
      table.show({ title: `${this.#title}${remark()}${waiting}`, rows: this.#rowsOf(statuses ?? []) });
      await pause(REFRESH_MS, signal);
    }
  }

  #tableOf(pipeline: string): string {
    const named = this.#pipelines.find(({ running: { outputs } }) => outputs.PipelineName === pipeline);
    return named?.running.outputs.LedgerTableName ?? "";
  }

  #say(line: string): void {
    this.#options.table.note(line);
  }
}
