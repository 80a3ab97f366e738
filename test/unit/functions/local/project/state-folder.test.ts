import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStateFolder } from "../../../../../functions/local/project/state-folder.ts";

const CLUSTER = "cluster-1";
const PORTS = { kafka: [1, 2], ministack: 3 };

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "state-folder-"));
});

afterEach(() => rm(project, { recursive: true }));

const open = ({ isFresh = false } = {}) => openStateFolder(project, { isFresh });

/** A run whose servers have left something, and how it ended. */
async function aRun(end: "in order" | "killed"): Promise<void> {
  const state = open();
  state.begin({ ports: PORTS, clusterId: CLUSTER });
  await mkdir(join(state.path, "ministack", "state"), { recursive: true });
  await writeFile(join(state.path, "ministack", "state", "dynamodb.json"), "{}");
  if (end === "in order") {
    state.end();
  }
  state.release();
}

const ledger = () => existsSync(join(project, ".ranges", "ministack", "state", "dynamodb.json"));

test("what MiniStack held goes on after a run that ended in order, on the same ports", async () => {
  await aRun("in order");
  const state = open();

  expect(state.ports).toEqual(PORTS);
  expect(await state.claimLedger(CLUSTER)).toEqual({ isKept: true });
  expect(ledger()).toBe(true);
});

test("STF1: a ledger is dropped, and that is said, with another Kafka than its own", async () => {
  await aRun("in order");

  expect(await open().claimLedger("cluster-2")).toEqual({
    isKept: false,
    note: expect.stringContaining("another Kafka than the ledger's"),
  });
  expect(ledger()).toBe(false);
});

test("STF1: a ledger is dropped where Kafka's own data are gone", async () => {
  await aRun("in order");

  expect(await open().claimLedger(undefined)).toMatchObject({ isKept: false, note: expect.any(String) });
  expect(ledger()).toBe(false);
});

test("STF2: what a killed run has left is dropped, and it is said that the pipelines start anew", async () => {
  await aRun("killed");

  expect(await open().claimLedger(CLUSTER)).toEqual({
    isKept: false,
    note: expect.stringMatching(/^the last run was killed.*start anew/),
  });
  expect(ledger()).toBe(false);
});

test("STF2: after a killed run it is said which outputs are still there, that they halt partitions, and the way out", async () => {
  await aRun("killed");

  const { note } = await open().claimLedger(CLUSTER);

  expect(note).toMatch(
    /in Kafka and PostgreSQL.*halt \(LedgerIntegrityError\).*--fresh.*TRUNCATE kafka_offset_ranges.*ranges retry --all/,
  );
});

test("a first run has nothing to go on from, and says nothing of it", async () => {
  expect(await open().claimLedger(undefined)).toEqual({ isKept: false });
});

test("a fresh run has neither ledger nor log nor ports of an earlier one", async () => {
  await aRun("in order");
  await mkdir(join(project, ".ranges", "kafka", "data"), { recursive: true });

  const state = open({ isFresh: true });

  expect(state.ports).toEqual({});
  expect([ledger(), existsSync(join(state.path, "kafka"))]).toEqual([false, false]);
});

test("STF3: a second run is refused while the first one lives, with its process and the remedy", async () => {
  const state = open();
  // The test's own parent lives as long as the test.
  await writeFile(join(state.path, "pid"), String(process.ppid));

  expect(() => open()).toThrow(`another ranges dev (process ${process.ppid}) runs in`);

  expect(readFileSync(join(state.path, "pid"), "utf8")).toBe(String(process.ppid));
  expect(readdirSync(state.path).filter((name) => name.startsWith("pid."))).toEqual([]);
});

test("STF3: the lock of a process that is gone holds nobody up", async () => {
  const state = open();
  await writeFile(join(state.path, "pid"), "not a process");

  expect(() => open()).not.toThrow();
  state.release();
  expect(existsSync(join(state.path, "pid"))).toBe(false);
});

test("a state that was written half counts as none", async () => {
  await aRun("in order");
  await writeFile(join(project, ".ranges", "state.json"), '{"ports":');

  expect(open().ports).toEqual({});
  expect(await open().claimLedger(CLUSTER)).toEqual({ isKept: false });
});
