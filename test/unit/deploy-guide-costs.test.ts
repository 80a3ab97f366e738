// The deploy guide's volumes of log, computed again from what the tests measure
// (log-level.test.ts) and the price that the guide states.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LOGGED_BYTES, SYSTEM_LINES } from "../support/functions/logged-bytes.ts";

const guide = readFileSync(new URL("../../cdk/README.md", import.meta.url), "utf8");

const MINUTES = 30 * 24 * 60;
const DOLLARS_PER_GB = 0.5;
const { line, metrics, run } = LOGGED_BYTES;
/** Lambda writes its own lines of the scheduler's invocations too. */
const SYSTEM_BYTES = SYSTEM_LINES.length;

function volume(partitions: number, { perRange, perRun }: { readonly perRange: number; readonly perRun: number }) {
  const gigabytes = (MINUTES * (partitions * perRange + perRun)) / 1e9;
  const dollars = gigabytes * DOLLARS_PER_GB;
  return { size: shorten(gigabytes), price: `$${dollars < 10 ? dollars.toFixed(2) : Math.round(dollars)}` };
}

const shorten = (gigabytes: number) => (gigabytes < 10 ? gigabytes.toFixed(1) : Math.round(gigabytes).toString());

function rowOf(partitions: number): string {
  const full = volume(partitions, { perRange: line + metrics + SYSTEM_BYTES, perRun: run + SYSTEM_BYTES });
  const quiet = volume(partitions, { perRange: metrics, perRun: run });
  const name = partitions.toLocaleString("en-US");
  return `| ${name} | ${full.size} GB, ${full.price} | ${quiet.size} GB, ${quiet.price} |`;
}

test("the deploy guide's volumes of log are what the measured lines come to", () => {
  const rows = guide.split("\n").filter((text) => /^\| [\d,]+ \|/.test(text));

  expect(rows).toEqual([12, 1_000, 10_000].map(rowOf));
  expect(guide).toContain(`${line} bytes`);
  expect(guide).toContain(`${metrics} bytes`);
  expect(guide).toContain(`${SYSTEM_BYTES} bytes`);
});
