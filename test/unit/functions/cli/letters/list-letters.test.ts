import { expect, test } from "vitest";
import { deleteLetters, listLetters } from "../../../../../functions/cli/letters/list-letters.ts";
import { runDeleteLetters } from "../../../../../functions/cli/run/dead-letters.ts";
import { createLetterMemory, createLetterWorld } from "../../../../support/cli/letter-world.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

const CHOICE = { pipeline: undefined, topics: [], ranges: [], errors: [] };

/** Of six records one is rejected, and one processed by the attempt after the one that rejected it. */
async function aWorld() {
  const store = createLetterMemory();
  const world = createLetterWorld(store, { rejects: true });
  world.bad.add("b");
  world.unlucky.add("e");
  await world.run(["a", "b", "c", "d", "e", "f"]);
  const offsets = () => store.kept.map(({ body }) => Number(JSON.parse(body).offset)).toSorted((a, b) => a - b);
  const terminal = createRecordingTerminal();
  return { world, store, offsets, terminal, deps: { store, terminal, ledger: world.ledger } };
}

test("with a ledger each letter is listed with what became of its record, and why", async () => {
  const { terminal, deps } = await aWorld();

  await listLetters(deps, { choice: CHOICE, json: false });
  await listLetters(deps, { choice: CHOICE, json: true });

  const [headings, first, second, ...lines] = terminal.printed;
  expect(headings).toMatch(/ATTEMPT +RECORD IS +ERROR$/);
  expect([first, second]).toEqual([
    expect.stringMatching(/orders:0:1 .* given up +Rejected: b/),
    expect.stringMatching(/orders:0:4 .* processed +Rejected: e/),
  ]);
  const [rejected, processed] = lines.map((line) => JSON.parse(line));
  expect(rejected).toMatchObject({ offset: "1", recordIs: "given up" });
  expect(rejected).not.toHaveProperty("why");
  expect(processed).toMatchObject({ offset: "4", recordIs: "processed", why: "by its own range, after all" });
});

test("without a ledger nothing is said of the records", async () => {
  const { terminal, store } = await aWorld();

  await listLetters({ store, terminal }, { choice: CHOICE, json: false });
  await listLetters({ store, terminal }, { choice: CHOICE, json: true });

  const [headings = "", ...lines] = terminal.printed;
  expect(headings).toMatch(/ATTEMPT +ERROR$/);
  expect(JSON.parse(lines.at(-1) ?? "")).not.toHaveProperty("recordIs");
});

test("RD3: with a ledger only the letters of processed records are deleted, and all of their copies", async () => {
  const { world, offsets, terminal, deps } = await aWorld();
  expect(new Set(offsets())).toEqual(new Set([1, 4]));

  await deleteLetters(deps, { choice: CHOICE, json: false, isDryRun: true });
  expect(terminal.noted.at(-1)).toMatch(/^would have deleted 1 dead letter/);
  expect(offsets()).toContain(4);
  await deleteLetters(deps, { choice: CHOICE, json: false, isDryRun: false });

  expect(new Set(offsets())).toEqual(new Set([1]));
  expect(world.effects()).toEqual(["a", "c", "d", "e", "f"]);
});

test.each([[{ processed: true }], [{ table: "ranges" }]] as const)(
  "what is to be deleted as processed needs the ledger that says so, and a ledger is asked for nothing else: %j",
  (given) => {
    const options = { target: "s3://letters/dead", all: true, securityProtocol: "PLAINTEXT", ...given } as const;

    expect(() => runDeleteLetters(options, createRecordingTerminal())).toThrow(
      /^give --processed together with --table: /,
    );
  },
);
