import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { OutputUnavailableError } from "../../../../shared/core/errors.ts";
import { mapConcurrently } from "../../../../shared/core/map-concurrently.ts";
import type { RangeOutput } from "../../../../shared/core/output/range-output.ts";
import type { KafkaOutputRecord } from "../../../../shared/kafka/output/output-record.ts";
import { createKafkaRangeOutput } from "../../../../shared/kafka/output/range-output.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import {
  attemptCopy,
  type CopiedRange,
  copiedRange,
  outputsOf,
  RANGE_LENGTH,
} from "../../../support/kafka-output/copied-range.ts";
import {
  DeathError,
  type Fate,
  hookedConnections,
  stepCounter,
} from "../../../support/kafka-output/hooked-connections.ts";
import { readTopic, valuesOf } from "../../../support/kafka-output/read-topic.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const MAX_ATTEMPTS = 5;
const CONCURRENT_RUNS = 8;

let topics: KafkaTopics;
let source: string;

beforeAll(async () => {
  topics = await connectKafkaTopics(bootstrapServers);
  source = await topics.create();
  // Coordinators that have never been asked take their time.
  await countSteps(await topics.create());
});

afterAll(() => topics.close());

function outputTo(topic: string, fateOf: (name: string) => Fate | Promise<Fate>): RangeOutput<KafkaOutputRecord> {
  const options = { clientId: "tests", bootstrapServers: [bootstrapServers] };
  const connection = { ...options, connect: hookedConnections(options, fateOf) };
  return createKafkaRangeOutput({ topic, connection: () => connection, isElsewhere: false });
}

/** How many steps an attempt takes that nothing happens to. */
async function countSteps(topic: string): Promise<number> {
  const stepOf = stepCounter();
  let steps = 0;
  const output = outputTo(topic, (name) => {
    steps = stepOf(name);
    return "passes";
  });
  await attemptCopy(output, copiedRange(source));
  return steps;
}

/** Attempts until the range is done, as the ledger would have them made. */
async function copyToTheEnd(output: RangeOutput<KafkaOutputRecord>, copied: CopiedRange): Promise<void> {
  for (let attempt = 1; copied.committedOffset < RANGE_LENGTH; attempt++) {
    if (attempt > MAX_ATTEMPTS) {
      throw new Error(`not done after ${MAX_ATTEMPTS} attempts`);
    }
    try {
      await attemptCopy(output, copied);
    } catch (error) {
      if (!(error instanceof OutputUnavailableError || error instanceof DeathError)) {
        throw error;
      }
    }
  }
}

async function expectOnce(topic: string, copies: readonly CopiedRange[]): Promise<void> {
  const records = await readTopic(bootstrapServers, topic);
  expect(copies.map((copied) => valuesOf(records, copied.tag))).toEqual(copies.map(outputsOf));
}

describe("G5, PRS4, PRS5, SBA2: outputs take effect once, whichever call of an attempt", () => {
  test.each<Fate>(["is not sent", "gets no answer", "is left behind"])("%s", async (fate) => {
    const topic = await topics.create({ partitions: 2 });
    const calls = await countSteps(topic);
    const fatal = Array.from({ length: calls }, (_, index) => index + 1);
    const copies = new Map(fatal.map((call) => [call, copiedRange(source)]));

    const met = await mapConcurrently([...copies], CONCURRENT_RUNS, async ([call, copied]) => {
      const stepOf = stepCounter();
      let wasMet = false;
      const output = outputTo(topic, (name) => {
        const isMet = stepOf(name) === call && !wasMet;
        wasMet ||= isMet;
        return isMet ? fate : "passes";
      });
      await copyToTheEnd(output, copied);
      return wasMet;
    });

    // Two commits, of five calls each, behind an opening of four.
    expect(calls).toBe(14);
    expect(met).toEqual(fatal.map(() => true));
    await expectOnce(topic, [...copies.values()]);
  });
});

test("G5, PRS1, PRS2: outputs take effect once, wherever an attempt stands when another one begins and where that one is when it goes on", async () => {
  const topic = await topics.create({ partitions: 2 });
  const calls = await countSteps(topic);
  const pairs = Array.from({ length: calls }, (_, index) => ({ first: index + 1, second: 1 + ((index * 5) % calls) }));
  const copies = pairs.map((pair) => ({ ...pair, copied: copiedRange(source) }));

  await mapConcurrently(copies, CONCURRENT_RUNS, async ({ first, second, copied }) => {
    const old = pausedAt(topic, first);
    const zombie = { ...copied };
    const zombieEnds = attemptCopy(old.output, zombie).catch((error: unknown) => error);
    await old.reached;
    const young = pausedAt(topic, second);
    const youngEnds = attemptCopy(young.output, copied).catch((error: unknown) => error);
    await Promise.race([young.reached, youngEnds]);
    old.goOn();
    const zombieError = await zombieEnds;
    young.goOn();
    const youngError = await youngEnds;
    for (const error of [zombieError, youngError].filter((one) => one !== undefined)) {
      expect(error).toBeInstanceOf(OutputUnavailableError);
    }
    await copyToTheEnd(
      outputTo(topic, () => "passes"),
      copied,
    );
  });

  await expectOnce(
    topic,
    copies.map(({ copied }) => copied),
  );
});

/** An output that waits before its call of this number. */
function pausedAt(topic: string, call: number) {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stepOf = stepCounter();
  const output = outputTo(topic, async (name): Promise<Fate> => {
    if (stepOf(name) === call) {
      reached.resolve();
      await released.promise;
    }
    return "passes";
  });
  return { output, reached: reached.promise, goOn: () => released.resolve() };
}

test("G5: outputs take effect once, whenever the process is killed", async () => {
  const topic = await topics.create({ partitions: 2 });
  const calls = await countSteps(topic);
  const kills = Array.from({ length: 5 }, (_, index) => Math.round(((index + 1) * calls) / 5));
  const copies = kills.map((call) => ({ call, copied: copiedRange(source) }));

  const signals = await mapConcurrently(copies, 2, async ({ call, copied }) => {
    const signal = await runProcess(topic, copied, call);
    await copyToTheEnd(
      outputTo(topic, () => "passes"),
      copied,
    );
    return signal;
  });

  expect(signals).toEqual(kills.map(() => "SIGKILL"));
  await expectOnce(
    topic,
    copies.map(({ copied }) => copied),
  );
});

/** Copies in a process of its own, which is killed as soon as it says that it sends its n-th call. */
function runProcess(topic: string, { range, tag }: CopiedRange, call: number): Promise<NodeJS.Signals | null> {
  const program = new URL("../../../support/kafka-output/copying-process.ts", import.meta.url).pathname;
  const args = ["--disable-warning=TimeoutNegativeWarning", program, bootstrapServers, range.topic, topic, tag];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) {
    throw new Error("its output is piped");
  }
  const stepOf = stepCounter();
  createInterface(child.stdout).on("line", (name) => {
    if (stepOf(name) === call) {
      child.kill("SIGKILL");
    }
  });
  return new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
}
