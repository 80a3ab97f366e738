import { expect, test } from "vitest";
import { type RedriveDeps, redriveLetters } from "../../../../../functions/cli/letters/redrive-letters.ts";
import { createLetterMemory, createLetterWorld } from "../../../../support/cli/letter-world.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

const VALUES = ["a", "b", "c", "d", "e", "f"];

interface WorldOptions {
  readonly rejects?: boolean;
  /** @default VALUES */
  readonly values?: readonly string[];
}

async function aWorld(bad: readonly string[], { values = VALUES, ...options }: WorldOptions = {}) {
  const store = createLetterMemory();
  const world = createLetterWorld(store, options);
  for (const value of bad) {
    world.bad.add(value);
  }
  await world.run(values);
  const offsets = () => store.kept.map(({ body }) => Number(JSON.parse(body).offset)).toSorted((a, b) => a - b);
  const redrive = async (overrides: Partial<RedriveDeps> = {}, isDryRun = false) => {
    const terminal = createRecordingTerminal();
    const { ledger, invoke } = world;
    const choice = { pipeline: "word-count", topics: [], ranges: [], errors: [] };
    const code = await redriveLetters(
      { ledger, invoke, store, terminal, pollMs: 1, ...overrides },
      { choice, json: false, isDryRun },
    );
    return { code, printed: terminal.printed, noted: terminal.noted };
  };
  return { world, store, offsets, redrive };
}

test("RD3: once the code is mended exactly the records of the letters are processed, once, and the letters go", async () => {
  const { world, offsets, redrive } = await aWorld(["b", "c", "e"]);
  expect(world.effects()).toEqual(["a", "d", "f"]);
  expect(offsets()).toEqual([1, 2, 4]);
  world.bad.clear();

  const { code, printed, noted } = await redrive();

  expect(code).toBe(0);
  expect(printed).toEqual(["orders:0:1  processed", "orders:0:2  processed", "orders:0:4  processed"]);
  expect(noted.at(-1)).toBe("3 dead letters: 3 processed, 0 failed again, 0 left");
  expect(world.effects()).toEqual(VALUES);
  expect(offsets()).toEqual([]);
});

test.each([{ rejects: false }, { rejects: true }])(
  "RD4: a record that fails again has one letter, of the new failure, where the code rejects: $rejects",
  async (options) => {
    const { world, store, offsets, redrive } = await aWorld(["b", "c"], options);
    world.bad.delete("c");

    const { code, printed } = await redrive();

    expect(code).toBe(1);
    expect(printed).toEqual(["orders:0:1  failed again", "orders:0:2  processed"]);
    expect(world.effects()).toEqual(["a", "c", "d", "e", "f"]);
    expect(offsets()).toEqual([1]);
    expect(JSON.parse(store.kept[0]?.body ?? "")).toMatchObject({ requestId: expect.stringMatching(/^redrive-/) });
  },
);

test("a letter of a redrive is driven again, once its record can be processed", async () => {
  const { world, offsets, redrive } = await aWorld(["b"]);
  await redrive();
  await redrive();
  world.bad.clear();

  const { code } = await redrive();

  expect(code).toBe(0);
  expect(world.effects()).toEqual(VALUES);
  expect(offsets()).toEqual([]);
});

test("RD2: a letter whose record was processed after all goes without a second effect", async () => {
  const { world, store, offsets, redrive } = await aWorld([]);
  const { bench } = world;
  const chain = { pipeline: "word-count", topicId: bench.topicId, partition: 0 };
  const error = { name: "SyntaxError", message: "not JSON" };
  await store.send({
    chain,
    topic: "orders",
    partition: 0,
    offset: 3n,
    kind: "quarantined",
    error,
    attempt: 1,
    failedAt: 1,
  });

  const { code, printed } = await redrive();

  expect(code).toBe(0);
  expect(printed).toEqual(["orders:0:3  processed"]);
  expect(world.effects()).toEqual(VALUES);
  expect(offsets()).toEqual([]);
});

test.each([
  { bad: ["b"], letters: [1] },
  { bad: ["b", "c"], letters: [1, 2] },
])(
  "RD3: what is rejected again into another target, $bad, is left with its letters and told",
  async ({ bad, letters }) => {
    const { world, store, offsets, redrive } = await aWorld(["b", "c"], { rejects: true });
    for (const value of ["b", "c"].filter((one) => !bad.includes(one))) {
      world.bad.delete(value);
    }
    const elsewhere: unknown[] = [];
    store.send = async (letter) => {
      elsewhere.push(letter);
    };

    const { code, printed } = await redrive();

    expect(code).toBe(1);
    expect(elsewhere).toHaveLength(bad.length);
    expect(printed.join()).toContain("left: records of its range were rejected again");
    expect(offsets()).toEqual(expect.arrayContaining(letters));
  },
);

test("a dry run says what it would do, and changes nothing", async () => {
  const { world, offsets, redrive } = await aWorld(["b"]);
  world.bad.clear();

  const { code, printed } = await redrive({}, true);

  expect({ code, printed }).toEqual({ code: 0, printed: ["orders:0:1  would be asked for"] });
  expect(world.effects()).not.toContain("b");
  expect(offsets()).toEqual([1]);
});

test("a record that its log has lost, and one of a topic that was created again, are left with their letters and told", async () => {
  const { world, store, offsets, redrive } = await aWorld(["b", "e"]);
  const { bench } = world;
  const first = store.kept[0] ?? expect.unreachable("no letter");
  const old = first.body.replaceAll(bench.topicId, "0b0d6d40-6f25-4a3b-8c55-00000000000f");
  store.kept.push({ ...first, copy: "old", body: old });
  bench.log.deleteBelow({ topic: "orders", partition: 0 }, 3n);
  world.bad.clear();

  const { code, printed } = await redrive();

  expect(code).toBe(1);
  expect(printed.filter((line) => line.includes("left"))).toEqual([
    expect.stringMatching(/^orders:0:1 {2}left: /),
    expect.stringMatching(/^orders:0:1 {2}left: /),
  ]);
  expect(printed).toContain("orders:0:4  processed");
  expect(offsets()).toEqual([1, 1]);
});

class Killed extends Error {}

/** The deps of a command that dies at the n-th call of anything outside of it: before it took effect, or after. */
function mortal(
  deps: Pick<RedriveDeps, "ledger" | "invoke" | "store">,
  death: { left: number; readonly isBefore: boolean },
) {
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (death.left <= 0) {
      // The dead make no calls.
      throw new Killed();
    }
    death.left -= 1;
    if (death.left === 0 && death.isBefore) {
      throw new Killed();
    }
    const result = await call();
    if (death.left === 0) {
      throw new Killed();
    }
    return result;
  };
  const { ledger, store } = deps;
  const list = <Item>(items: () => AsyncIterable<Item>): AsyncIterable<Item> =>
    (async function* () {
      yield* await around(() => Array.fromAsync(items()));
    })();
  return {
    invoke: (event: object) => around(() => deps.invoke(event)),
    store: {
      ...store,
      browse: (...args: Parameters<typeof store.browse>) => list(() => store.browse(...args)),
      // Each copy for itself: a command may die between two.
      remove: async (copies: Parameters<typeof store.remove>[0], signal: AbortSignal) => {
        for (const copy of copies) {
          await around(() => store.remove([copy], signal));
        }
      },
    },
    ledger: {
      ...ledger,
      reprocessRequests: (pipeline: string) => list(() => ledger.reprocessRequests(pipeline)),
      rangesWithin: (...args: Parameters<typeof ledger.rangesWithin>) => list(() => ledger.rangesWithin(...args)),
      readReprocess: (...args: Parameters<typeof ledger.readReprocess>) => around(() => ledger.readReprocess(...args)),
    },
  };
}

test("RD1, RD3, RD4: killed at any call, and run again: nothing is lost, nothing has effect twice, and each failure has one letter", async () => {
  let deaths = 0;
  for (const isBefore of [true, false]) {
    for (let at = 1, died = true; died; at += 1) {
      const { world, store, offsets, redrive } = await aWorld(["a", "b"], { values: ["a", "b"] });
      world.bad.delete("a");
      const death = { left: at, isBefore };
      const { ledger, invoke } = world;

      died = await redrive(mortal({ ledger, invoke, store }, death)).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Killed);
          return true;
        },
      );
      await redrive();

      deaths += died ? 1 : 0;
      expect(world.effects(), `dies ${isBefore ? "before" : "after"} call ${at}`).toEqual(["a"]);
      expect(offsets(), `dies ${isBefore ? "before" : "after"} call ${at}`).toEqual([1]);
    }
  }
  expect(deaths).toBeGreaterThan(20);
});
