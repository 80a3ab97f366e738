import { expect, test } from "vitest";
import { type RedriveDeps, redriveLetters } from "../../../../../functions/cli/letters/redrive-letters.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import { createLetterMemory, createLetterWorld } from "../../../../support/cli/letter-world.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

async function aWorld(bad: readonly string[], options: { readonly rejects?: boolean }) {
  const store = createLetterMemory();
  const world = createLetterWorld(store, options);
  for (const value of bad) {
    world.bad.add(value);
  }
  await world.run(["a", "b", "c", "d", "e", "f"]);
  const offsets = () => store.kept.map(({ body }) => Number(JSON.parse(body).offset)).toSorted((a, b) => a - b);
  const dryRun = async (ledger: RedriveDeps["ledger"]) => {
    const terminal = createRecordingTerminal();
    const choice = { pipeline: "word-count", topics: [], ranges: [], errors: [] };
    const code = await redriveLetters(
      { ledger, invoke: world.invoke, store, terminal, pollMs: 1 },
      { choice, json: false, isDryRun: true, includesUnproven: false },
    );
    return { code, printed: terminal.printed, noted: terminal.noted };
  };
  return { world, offsets, dryRun };
}

test("a dry run says what it would do, and changes nothing", async () => {
  const { world, offsets, dryRun } = await aWorld(["b"], {});
  world.bad.clear();

  const { code, printed, noted } = await dryRun(world.ledger);

  expect({ code, printed }).toEqual({ code: 0, printed: ["orders:0:1  would be asked for"] });
  expect(noted.at(-1)).toBe("1 dead letter: 1 would be asked for");
  expect(world.effects()).not.toContain("b");
  expect(offsets()).toEqual([1]);
});

test("a dry run counts what would be asked for, and apart from it what would not", async () => {
  const { world, dryRun } = await aWorld(["b", "d", "e"], { rejects: true });
  const { ledger } = world;
  // As a later attempt, at work still, would have it that has rejected the first of them alone, and committed up to the last.
  const rangesWithin: RedriveDeps["ledger"]["rangesWithin"] = async function* (...args) {
    for await (const record of ledger.rangesWithin(...args)) {
      const lease = { owner: "o", counter: record.leaseCounter, expiresAt: 9 };
      const counts = { ...record.counts, rejected: 1n };
      const rejectedOffsets = listOffsets([1n]);
      yield { ...record, status: "RUNNING", lease, committedOffset: 4n, counts, rejectedOffsets };
    }
  };

  const { printed, noted } = await dryRun({ ...ledger, rangesWithin });

  expect(printed).toEqual([
    "orders:0:1  would be asked for",
    "orders:0:3  was processed: by its own range, after all",
    "orders:0:4  would be left: its range still has it in hand",
  ]);
  expect(noted.at(-1)).toBe("3 dead letters: 1 would be asked for, 1 processed already, 1 in hand");
});
