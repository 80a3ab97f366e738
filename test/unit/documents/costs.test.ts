// The table of costs, computed again from what the tests count (ledger-costs.test.ts)
// and the prices that the document states.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const document = readFileSync(new URL("../../../cdk/README.md", import.meta.url), "utf8");
const comparison = readFileSync(new URL("../../../cdk/guides/costs.md", import.meta.url), "utf8");

/** US dollars in us-east-1. */
const PRICE = {
  readUnit: 0.125e-6,
  writeUnit: 0.625e-6,
  storedGbMonth: 0.25 + 0.2,
  lambdaGbSecond: 0.0000166667,
  lambdaRequest: 0.2e-6,
} as const;

/** What the guide compares with, a month of 720 hours. */
const HOURS = 720;
const POLLER_UNIT_HOUR = 0.185;
const SPARK_NODES = 3;
const SPARK_NODE_HOUR = 0.192 + 0.048;

const MINUTES = 30 * 24 * 60;
const GB = 1_769 / 1_024;
const ITEM_BYTES = 454 + 100;
/** The dearest of the three calls per range, as `npm run bench:invocation` measures them. */
const SECONDS_PER_CALL = 0.0003;
const PROCESSOR_SECONDS = 0.1;

function monthlyCost(partitions: number, isBusy: boolean) {
  const ranges = isBusy ? partitions * MINUTES : 0;
  const reads = (partitions + 3) * MINUTES + ranges;
  const calls = isBusy ? 3 * partitions : partitions;
  const invocation = (seconds: number) => seconds * GB * PRICE.lambdaGbSecond + PRICE.lambdaRequest;
  const ledger =
    reads * PRICE.readUnit + 3 * ranges * PRICE.writeUnit + ((ranges * ITEM_BYTES) / 1e9) * PRICE.storedGbMonth;
  const scheduler = MINUTES * invocation(0.1 + calls * SECONDS_PER_CALL);
  const processors = ranges * invocation(PROCESSOR_SECONDS);
  return { ledger, scheduler, processors, all: ledger + scheduler + processors };
}

function dollars(amount: number): string {
  return amount < 10 ? `$${amount.toFixed(2)}` : `$${Math.round(amount).toLocaleString("en-US")}`;
}

function rowOf(partitions: number, isBusy: boolean): string {
  const { ledger, scheduler, processors, all } = monthlyCost(partitions, isBusy);
  const name = `${partitions.toLocaleString("en-US")} ${isBusy ? "busy" : "idle"}`;
  return `| ${[name, ...[ledger, scheduler, processors, all].map(dollars)].join(" | ")} |`;
}

test("the monthly prices are what their formula comes to", () => {
  const rows = [12, 1_000, 10_000].flatMap((partitions) => [rowOf(partitions, false), rowOf(partitions, true)]);

  expect(document.split("\n").filter((line) => /^\| [\d,]+ (busy|idle) \|/.test(line))).toEqual(rows);
});

test("the comparison's prices are what the same formula, a poller unit and three nodes come to", () => {
  const rows = [12, 1_000, 10_000].map((partitions) => {
    const { processors, all } = monthlyCost(partitions, true);
    const others = [processors, processors + POLLER_UNIT_HOUR * HOURS, SPARK_NODES * SPARK_NODE_HOUR * HOURS];
    return `| ${partitions.toLocaleString("en-US")} | ${[all, ...others].map(dollars).join(" | ")} |`;
  });

  expect(comparison.split("\n").filter((line) => /^\| [\d,]+ \|/.test(line))).toEqual(rows);
});
