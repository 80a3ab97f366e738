// Demo run
//
// `npm start`: the local run of `ranges dev` with the shipped pipeline, a sample stream
// beside it, and the proof at its end. Cleaned up in the reverse order.

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { LOCAL_ENVIRONMENT } from "../../../functions/local/deploy/local-aws.ts";
import { LocalRun } from "../../../functions/local/run/local-run.ts";
import { type LocalServers, startLocalServers } from "../../../functions/local/run/local-servers.ts";
import { createLiveTable, type LiveOutput, type LiveTable } from "../../../functions/local/view/live-table.ts";
import { lookAroundLines } from "../../../functions/local/view/look-around.ts";
import { deleteTopic } from "./delete-topic.ts";
import { type DemoDeployment, deployDemo, destroyDemo } from "./demo-deployment.ts";
import { proveWordCount } from "./prove-word-count.ts";
import { type SampleStream, startSampleStream } from "./sample-stream.ts";
import type { WordCountPipeline } from "./word-count-pipeline.ts";

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
    const servers = await startLocalServers({ ...options, say });
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
  readonly #servers: LocalServers;
  readonly #table: LiveTable;
  readonly #topic = `lines-${randomBytes(4).toString("hex")}`;
  readonly #local: LocalRun;
  #pipeline: WordCountPipeline | undefined;
  #stream: SampleStream | undefined;

  constructor(options: DemoOptions, servers: LocalServers, table: LiveTable) {
    const { intervalMs, signal } = options;
    this.#options = options;
    this.#servers = servers;
    this.#table = table;
    const remark = () => `; ${this.#stream?.totals().records ?? 0} lines produced`;
    this.#local = new LocalRun({ servers, table, intervalMs, signal, remark, deploy: () => this.#deploy() });
  }

  async run(): Promise<boolean> {
    const { batches, recordsPerSecond, signal } = this.#options;
    const { bootstrapServers } = this.#servers;
    const onWaiting = (what: string) => this.#say(`waiting for ${what}`);
    const stream = await startSampleStream({ bootstrapServers, topic: this.#topic, recordsPerSecond, onWaiting });
    this.#stream = stream;
    this.#say(`producing ${recordsPerSecond} lines a second to ${this.#topic}`);
    await this.#local.deploy();
    const totals = await this.#local.watchWhile(async () => {
      await this.#local.runBatches(batches);
      this.#local.title = "waiting for the producer's last acknowledgement";
      const produced = await stream.stop();
      this.#say(`${signal.aborted ? "stopped early; " : ""}produced ${produced.records} lines`);
      await this.#local.drain();
      return produced;
    });
    return this.#prove(totals);
  }

  async cleanUp(): Promise<void> {
    await this.#stream?.stop();
    await this.#local.close();
    const { bootstrapServers, awsEndpoint } = this.#options;
    if (awsEndpoint !== undefined && this.#pipeline !== undefined) {
      this.#say(`taking the stack at ${awsEndpoint} down; its tables stay`);
      await destroyDemo(this.#deployment());
    }
    if (bootstrapServers !== undefined && this.#stream !== undefined) {
      await deleteTopic(bootstrapServers, this.#topic);
    }
  }

  async #deploy() {
    this.#say(`deploying the CDK app to ${this.#servers.endpoint}`);
    const deployment = this.#deployment();
    const running = await deployDemo(deployment);
    this.#pipeline = running;
    const { outputs } = running;
    const pipelines = [{ outputs, partition: { topic: this.#topic, partition: 0 } }];
    for (const line of lookAroundLines({ ...deployment, environment: LOCAL_ENVIRONMENT, pipelines })) {
      this.#say(line);
    }
    return [{ running, config: { isolationLevel: "read_committed" } as const }];
  }

  #deployment(): DemoDeployment {
    const { endpoint, bootstrapServers } = this.#servers;
    return { endpoint, bootstrapServers, topic: this.#topic, folder: this.#options.folder };
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
