// Exactly once
//
// Processors and schedulers run against a real engine while answers get lost,
// processors die in the middle and leases run out. In the end every offset has taken
// effect exactly once. A run is repeated by its seed, but for the engine's timing.

import { randomInt, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { LedgerUnavailableError } from "../../../shared/core/errors.ts";
import type { ChangeOutcome, RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { RangeEvent } from "../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { startLossyEndpoint } from "../../support/ledger/ledger-faults.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import {
  aChain,
  aRange,
  claimBy,
  commitOf,
  completionOf,
  LEASE_MS,
  leaseOf,
  NOW,
  toArray,
} from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

const PROCESSORS = 3;
const RANGES = 4;
const RANGE_LENGTH = 12n;
const MAX_ATTEMPTS = 400;
const SEED = Number(process.env["SEED"] ?? randomInt(2 ** 31));

type Output = ReturnType<DynamoDBLedgerUnderTest["output"]>;

describe.each(DYNAMODB_ENGINES)("exactly once on $name", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
  });
  afterAll(async () => {
    await subject[Symbol.asyncDispose]();
  });

  test(`G3, G4, L3-L5: each offset takes effect once whatever is lost and whoever dies (SEED=${SEED})`, async () => {
    const random = seeded(SEED);
    const chain = aChain();
    const plans = Array.from({ length: RANGES }, (_, index) => {
      const fromOffset = BigInt(index) * RANGE_LENGTH;
      return aRange(chain, { fromOffset, untilOffset: fromOffset + RANGE_LENGTH });
    });
    await Promise.all(plans.map((plan) => subject.ledger.planRange(plan)));
    // Time passes with each attempt, so that the leases of the dead run out.
    let now = NOW;
    let lost = 0;
    let completions = 0;

    const work = async (processor: number) => {
      await using lossy = await startLossyEndpoint(inject(endpointKey));
      const calls = openSignedLedger(lossy.endpoint);
      const ledger = createRangeLedger(calls, { tableName: subject.tableName, newId: randomUUID });
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const open = (await toArray(subject.ledger.ranges(chain))).filter(({ status }) => status !== "COMPLETED");
        const range = open[Math.floor(random() * open.length)];
        if (range === undefined) {
          break;
        }
        now += LEASE_MS / 4;
        const faults = lossy.lose({
          times: Math.floor(random() * 5),
          how: random() < 0.5 ? "time-out" : "server error",
        });
        const ended = await attemptRange(ledger, range, { owner: `${processor}/${attempt}`, now, random, output });
        lost += faults.lost;
        completions += ended === "completed" ? 1 : 0;
      }
      calls.close();
    };
    const output = (offset: bigint) => subject.output(`${chain.topicId}#${offset}`);
    await Promise.all(Array.from({ length: PROCESSORS }, (_, processor) => work(processor)));

    const offsets = Array.from({ length: RANGES * Number(RANGE_LENGTH) }, (_, offset) => offset);
    const times = await Promise.all(offsets.map((offset) => subject.timesApplied(`${chain.topicId}#${offset}`)));
    expect(times).toEqual(offsets.map(() => 1));
    const records = await toArray(subject.ledger.ranges(chain));
    expect(records.map(({ status }) => status)).toEqual(plans.map(() => "COMPLETED"));
    expect(records.map(({ counts }) => counts.delivered)).toEqual(plans.map(() => RANGE_LENGTH));
    expect(completions).toBeLessThanOrEqual(RANGES);
    expect(lost).toBeGreaterThan(0);
  });
});

interface Attempt {
  readonly owner: string;
  readonly now: number;
  readonly random: () => number;
  readonly output: (offset: bigint) => Output;
}

/** One processor's attempt, which may die between any two writes, or after a write whose answers all got lost. */
async function attemptRange(
  ledger: RangeLedger<Output>,
  seen: RangeRecord,
  { owner, now, random, output }: Attempt,
): Promise<"completed" | "ended"> {
  const outputsOf = (from: bigint, until: bigint) =>
    Array.from({ length: Number(until - from) }, (_, index) => output(from + BigInt(index)));
  const claim = await attemptWrite(ledger, seen, claimBy(owner, now));
  if (claim?.kind !== "changed") {
    return "ended";
  }
  let { record } = claim;
  while (random() < 0.8) {
    const until = record.committedOffset + BigInt(1 + Math.floor(random() * 4));
    const isLast = until >= record.untilOffset;
    const outputs = outputsOf(record.committedOffset, isLast ? record.untilOffset : until);
    const event = isLast ? completionOf(record) : commitOf(record, until);
    const outcome = await attemptWrite(ledger, record, event, outputs);
    if (outcome?.kind !== "changed") {
      return "ended";
    }
    if (isLast) {
      return "completed";
    }
    record = outcome.record;
  }
  if (random() < 0.5) {
    await attemptWrite(ledger, record, { kind: "release", lease: leaseOf(record) });
  }
  return "ended";
}

/** Undefined where no answer came: the processor cannot tell, and gives up. */
async function attemptWrite(
  ledger: RangeLedger<Output>,
  seen: RangeRecord,
  event: RangeEvent,
  outputs: readonly Output[] = [],
): Promise<ChangeOutcome | undefined> {
  try {
    return await ledger.changeRange(seen, event, outputs);
  } catch (error) {
    if (error instanceof LedgerUnavailableError) {
      return undefined;
    }
    throw error;
  }
}

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
