// Demo run
//
// Servers, deployment, sample stream, scheduler runs, proof: in this order, and
// cleaned up in the reverse one. What dies meanwhile is started again, and the
// run goes on from what the ledger and the log hold.

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import type { LagDeps, PartitionStatus } from "../../../functions/cli/view/read-status.ts";
import { isHalted } from "../../../shared/core/range/range-record.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { pause } from "../../../functions/local/process/pause.ts";
import { lookAroundLines } from "../../../functions/local/view/look-around.ts";
import { repeatRun } from "../../../functions/local/run/repeat-run.ts";
import { deleteTopic } from "./delete-topic.ts";
import { type DemoDeployment, deployDemo, destroyDemo } from "./demo-deployment.ts";
import { type DemoServers, startDemoServers } from "../../../functions/local/run/local-servers.ts";
import { type DeployedPipeline, isDrained } from "../../../functions/local/deploy/deployed-pipeline.ts";
import { createLiveRows } from "../../../functions/local/view/live-rows.ts";
import { createLiveTable, type LiveOutput, type LiveTable } from "../../../functions/local/view/live-table.ts";
import { proveWordCount } from "./prove-word-count.ts";
import { type SampleStream, startSampleStream } from "./sample-stream.ts";

const REFRESH_MS = 1_000;
const DRAIN_INTERVAL_MS = 1_000;
const DRAIN_DEADLINE_MS = 180_000;

const STOPPING =
  "stopping: what was produced is still processed and proved; Ctrl-C again ends at once, without the proof";

export interface DemoOptions {
  /** Takes the servers' data and logs; removed when the proof holds. */
  readonly folder: string;
  readonly batches: number;
  readonly intervalMs: number;
  readonly recordsPerSecond: number;
  /** Ends the run early: what was produced by then is still proved. */
  readonly signal: AbortSignal;
  readonly output: LiveOutput;
  /** The user's own servers; started when absent. */
  readonly bootstrapServers?: string;
  readonly awsEndpoint?: string;
}

/** Whether the proof held. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const table = createLiveTable(options.output);
  const say = (line: string) => table.note(line);
  options.signal.addEventListener("abort", () => say(STOPPING), { once: true });
  let isProved = false;
  try {
    const servers = await startDemoServers({ ...options, say });
    const demo = new Demo(options, servers, table);
    try {
      isProved = await demo.run();
    } finally {
      say("cleaning up");
      await demo.cleanUp();
      await servers.stop();
    }
  } finally {
    if (!isProved) {
      say(`the logs are in ${options.folder}`);
    }
  }
  await rm(options.folder, { recursive: true, force: true });
  return isProved;
}

class Demo {
  readonly #options: DemoOptions;
  readonly #servers: DemoServers;
  readonly #table: LiveTable;
  readonly #topic = `lines-${randomBytes(4).toString("hex")}`;
  readonly #lag: LagDeps;
  readonly #rowsOf = createLiveRows(() => Date.now());
  #pipeline: DeployedPipeline | undefined;
  #stream: SampleStream | undefined;
  #title = "";
  #hasSeenFailure = false;

  constructor(options: DemoOptions, servers: DemoServers, table: LiveTable) {
    this.#options = options;
    this.#servers = servers;
    this.#table = table;
    const kafka = { clientId: "demo", bootstrapServers: servers.bootstrapServers.split(",") };
    this.#lag = {
      source: createKafkaOffsetSource(kafka),
      reader: createKafkaRangeReader(kafka),
      isolationLevel: "read_committed",
      now: () => Date.now(),
    };
  }

  async run(): Promise<boolean> {
    const { recordsPerSecond, signal } = this.#options;
    const { bootstrapServers } = this.#servers;
    const onWaiting = (what: string) => this.#say(`waiting for ${what}`);
    this.#stream = await startSampleStream({ bootstrapServers, topic: this.#topic, recordsPerSecond, onWaiting });
    this.#say(`producing ${recordsPerSecond} lines a second to ${this.#topic}`);
    await this.#deploy();
    const watching = new AbortController();
    const watched = this.#watch(watching.signal);
    try {
      await this.#runBatches();
      this.#title = "waiting for the producer's last acknowledgement";
      const totals = await this.#stream.stop();
      this.#say(`${signal.aborted ? "stopped early; " : ""}produced ${totals.records} lines`);
      await this.#drain();
      watching.abort();
      await watched;
      this.#table.close();
      return await this.#prove(totals);
    } finally {
      watching.abort();
      await watched;
    }
  }

  async cleanUp(): Promise<void> {
    await this.#stream?.stop();
    this.#pipeline?.close();
    await Promise.all([this.#lag.source.close(), this.#lag.reader.close()]);
    const { bootstrapServers, awsEndpoint } = this.#options;
    if (awsEndpoint !== undefined && this.#pipeline !== undefined) {
      this.#say(`taking the stack at ${awsEndpoint} down; its tables stay`);
      await destroyDemo(this.#deployment());
    }
    if (bootstrapServers !== undefined && this.#stream !== undefined) {
      await deleteTopic(bootstrapServers, this.#topic);
    }
  }

  async #deploy(): Promise<void> {
    this.#say(`deploying the CDK app to ${this.#servers.endpoint}`);
    this.#pipeline?.close();
    const deployment = this.#deployment();
    this.#pipeline = await deployDemo(deployment);
    const { outputs } = this.#pipeline;
    for (const line of lookAroundLines({ ...deployment, outputs })) {
      this.#say(line);
    }
  }

  #deployment(): DemoDeployment {
    const { endpoint, bootstrapServers } = this.#servers;
    return { endpoint, bootstrapServers, topic: this.#topic, folder: this.#options.folder };
  }

  async #runBatches(): Promise<void> {
    const { batches, intervalMs, signal } = this.#options;
    for (let batch = 1; batch <= batches && !signal.aborted; batch += 1) {
      this.#title = `batch ${batch} of ${batches}`;
      await this.#schedule(signal);
      await pause(intervalMs, signal);
    }
  }

  /** Goes on scheduling until every record that was produced is processed. */
  async #drain(): Promise<void> {
    const deadline = Date.now() + DRAIN_DEADLINE_MS;
    this.#title = "nothing is produced any more; waiting for the last ranges";
    for (;;) {
      await this.#schedule();
      await pause(DRAIN_INTERVAL_MS);
      const statuses = await this.#status();
      if (statuses !== undefined && statuses.length > 0 && isDrained(statuses)) {
        return;
      }
      if (Date.now() > deadline) {
        this.#say(`not everything was processed within ${DRAIN_DEADLINE_MS / 1_000} s`);
        return;
      }
    }
  }

  /** One scheduler run; whatever has died is started again until one succeeds. */
  async #schedule(signal?: AbortSignal): Promise<void> {
    const title = this.#title;
    await repeatRun({
      signal,
      retryMs: DRAIN_INTERVAL_MS,
      note: (line) => {
        this.#title = `${title}, tried again`;
        this.#say(line);
      },
      run: async () => {
        const { isEndpointNew } = await this.#servers.revive();
        if (isEndpointNew) {
          this.#say("the ledger starts over with the log");
          await this.#deploy();
        }
        await this.#pipeline?.schedule();
      },
    });
    this.#title = title;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const statuses = await this.#status();
      this.#explainFailures(statuses ?? []);
      const { records = 0 } = this.#stream?.totals() ?? {};
      this.#table.show({
        title: `${this.#title}; ${records} lines produced${statuses === undefined ? "; waiting for Kafka and the ledger to answer" : ""}`,
        rows: this.#rowsOf(statuses ?? []),
      });
      await pause(REFRESH_MS, signal);
    }
  }

  /** Once: a row that says FAILED looks like the end, and is not. */
  #explainFailures(statuses: readonly PartitionStatus[]): void {
    if (!this.#hasSeenFailure && statuses.some(({ newest }) => newest?.status === "FAILED" && !isHalted(newest))) {
      this.#hasSeenFailure = true;
      this.#say("failed attempts are repeated by themselves; on a slow machine the first ones run out of time");
    }
  }

  /** Undefined while Kafka or the endpoint does not answer: the next scheduler run sees to that. */
  async #status(): Promise<readonly PartitionStatus[] | undefined> {
    try {
      return await this.#pipeline?.status(this.#lag);
    } catch {
      return undefined;
    }
  }

  async #prove(totals: ReturnType<SampleStream["totals"]>): Promise<boolean> {
    const pipeline = this.#pipeline;
    if (pipeline === undefined) {
      return false;
    }
    const { bootstrapServers } = this.#servers;
    const { isProved, lines } = await proveWordCount({ pipeline, bootstrapServers, topic: this.#topic, totals });
    for (const line of lines) {
      this.#say(line);
    }
    this.#say(isProved ? "PROVED: every word was counted exactly once" : "FAILED: see the lines above");
    return isProved;
  }

  #say(line: string): void {
    this.#table.note(line);
  }
}
