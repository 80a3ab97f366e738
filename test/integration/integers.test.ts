// A twin of Kafka's TransactionsTest on the deployed pipeline: whatever is killed,
// what comes out is what was committed, once, and in order.

import { afterAll, beforeAll, expect, test } from "vitest";
import { runRanges } from "../support/cli/run-ranges.ts";
import { type IntegerInput, openIntegerInput } from "../support/integers/integer-input.ts";
import type { WrittenInteger } from "../support/integers/integer-output.ts";
import { type IntegersRun, startIntegersRun } from "../support/integers/integers-run.ts";
import { waitUntil } from "../support/wait-until.ts";

/** `TEST_INTEGERS=20000` for a shorter run. */
const INTEGERS = Number(process.env["TEST_INTEGERS"] ?? 100_000);
const PARTITIONS = 6;
/** Length of the range that is reprocessed: one range, and in the log before the first kill. */
const AGAIN = Math.min(1_000, Math.floor(INTEGERS / PARTITIONS / 4));
const SEED = 2_026;
const DEADLINE_MS = 600_000;

let run: IntegersRun;
let input: IntegerInput;

beforeAll(async () => {
  run = await startIntegersRun(PARTITIONS);
  const { bootstrapServers } = run.broker;
  input = await openIntegerInput({
    bootstrapServers,
    topic: run.topic,
    partitions: PARTITIONS,
    count: INTEGERS,
    seed: SEED,
  });
}, 600_000);

afterAll(async () => {
  await run[Symbol.asyncDispose]();
});

const reach = (share: number) =>
  waitUntil(
    `${share * 100} % of the integers are through`,
    async () => {
      await run.tick();
      return (await run.progress()) >= INTEGERS * share;
    },
    DEADLINE_MS,
  );

const drain = () =>
  waitUntil("every partition is idle and every request completed", async () => isAtRest(await run.tick()), DEADLINE_MS);

function isAtRest(outcome: unknown): boolean {
  const { batch, reprocess } = outcome as {
    readonly batch?: { readonly kinds: Readonly<Record<string, number>> };
    readonly reprocess?: readonly { readonly completed: boolean }[];
  };
  return (
    batch !== undefined &&
    Object.keys(batch.kinds).every((kind) => kind === "idle") &&
    reprocess?.every(({ completed }) => completed) === true
  );
}

test("G1, G2, G3, G5, G9, II1, II2, IP1, IP2: every committed integer is written once and in order, whatever is killed", async () => {
  const again = { topic: run.topic, partition: 0, fromOffset: "0", untilOffset: String(AGAIN) };
  const reprocess = { requestId: "again", ranges: [again] };
  await input.produce(0.6);
  await reach(0.05);
  await waitUntil("the request is taken", async () => (await run.tick({ reprocess })) !== undefined, DEADLINE_MS);

  await Promise.all([input.produce(1), killAt(0.2)]);
  await input.close();
  await killAt(0.4);
  await killAt(0.6);
  await reach(0.8);
  await run.broker.kill();
  await run.tick();
  await run.broker.restart();
  await drain();

  const outputs = await Promise.all(partitions().map((partition) => run.output(`${run.topic}-${partition}`)));
  const integers = outputs.flatMap((output) => output.integers);
  expect(differences(integers)).toEqual({ missing: [], doubled: [], invented: [] });
  expect(integers).toHaveLength(INTEGERS);
  for (const [partition, { integers: written, breaks, count }] of outputs.entries()) {
    expect(breaks).toEqual([]);
    expect(count).toBe(written.length);
    expectOrder(partition, written);
  }
  const reprocessed = await run.output(`${run.topic}-0#again#0`);
  expect(reprocessed.integers).toEqual(outputs[0]?.integers.filter(({ offset }) => offset < AGAIN));
  await expectWholeLedger();
}, 1_800_000);

async function killAt(share: number): Promise<void> {
  await reach(share);
  await run.killInTheAct();
}

function partitions(): readonly number[] {
  return [...Array(PARTITIONS).keys()];
}

/** At most ten of each kind: enough to look for. */
function differences(integers: readonly WrittenInteger[]) {
  const times = new Map<number, number>();
  for (const { value } of integers) {
    times.set(value, (times.get(value) ?? 0) + 1);
  }
  const missing = [...Array(INTEGERS).keys()].filter((value) => !times.has(value)).slice(0, 10);
  const doubled = [...times].filter(([, count]) => count > 1).slice(0, 10);
  const invented = [...times.keys()].filter((value) => !(value >= 0 && value < INTEGERS)).slice(0, 10);
  return { missing, doubled, invented };
}

/** Offsets ascend, and the integers of each producer stand as it wrote them. */
function expectOrder(partition: number, integers: readonly WrittenInteger[]): void {
  expect(integers.every(({ offset }, index) => index === 0 || offset > (integers[index - 1]?.offset ?? 0))).toBe(true);
  const values = integers.map(({ value }) => value);
  for (const written of input.written.get(partition) ?? []) {
    const own = new Set(written);
    expect(values.filter((value) => own.has(value))).toEqual(written);
  }
}

async function expectWholeLedger(): Promise<void> {
  const brokers = ["--bootstrap-servers", run.broker.bootstrapServers];
  const table = ["--table", run.ledgerTableName, "--endpoint-url", run.endpoint];
  const { code, stdout } = await runRanges(["verify", ...table, ...brokers, "--strict", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    whole: true,
    chains: PARTITIONS,
    problems: [],
    warnings: [],
    totals: { delivered: String(INTEGERS), unprocessed: "0", open: "0" },
  });
  expect(code).toBe(0);
}
