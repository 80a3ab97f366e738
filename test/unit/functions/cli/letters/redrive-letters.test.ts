import { describe, expect, test } from "vitest";
import { verifyLedger } from "../../../../../functions/cli/commands/verify-ledger.ts";
import {
  type RedriveAct,
  type RedriveDeps,
  redriveLetters,
} from "../../../../../functions/cli/letters/redrive-letters.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { createLetterMemory, createLetterWorld } from "../../../../support/cli/letter-world.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

const VALUES = ["a", "b", "c", "d", "e", "f"];

interface WorldOptions {
  readonly rejects?: boolean;
  /** @default none */
  readonly unlucky?: readonly string[];
  /** @default VALUES */
  readonly values?: readonly string[];
}

async function aWorld(bad: readonly string[], { values = VALUES, unlucky = [], ...options }: WorldOptions = {}) {
  const store = createLetterMemory();
  const world = createLetterWorld(store, options);
  for (const value of bad) {
    world.bad.add(value);
  }
  for (const value of unlucky) {
    world.unlucky.add(value);
  }
  await world.run(values);
  const offsets = () => store.kept.map(({ body }) => Number(JSON.parse(body).offset)).toSorted((a, b) => a - b);
  const redrive = async (overrides: Partial<RedriveDeps> = {}, act: Partial<RedriveAct> = {}) => {
    const terminal = createRecordingTerminal();
    const { ledger, invoke } = world;
    const choice = { pipeline: "word-count", topics: [], ranges: [], errors: [] };
    const code = await redriveLetters(
      { ledger, invoke, store, terminal, pollMs: 1, ...overrides },
      { choice, json: false, isDryRun: false, includesUnproven: false, ...act },
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

test("RD2, G5: what an attempt rejected that died, and a later one processed, is not processed again beside what that one rejected", async () => {
  const { world, store, offsets, redrive } = await aWorld(["b", "e"], { rejects: true, unlucky: ["c", "f"] });
  expect(offsets()).toEqual([1, 1, 1, 2, 4, 4, 5]);
  expect(world.effects()).toEqual(["a", "c", "d", "f"]);
  // Of the last attempt too, as far as the letters say.
  store.kept.splice(
    0,
    store.kept.length,
    ...store.kept.map((letter) => ({ ...letter, body: ofAttempt(letter.body, 3) })),
  );
  world.bad.clear();

  const { code, printed } = await redrive();

  expect({ code, printed }).toEqual({
    code: 0,
    printed: [
      "orders:0:2  processed: by its own range, after all",
      "orders:0:5  processed: by its own range, after all",
      "orders:0:1  processed",
      "orders:0:4  processed",
    ],
  });
  expect(world.effects()).toEqual(VALUES);
  expect(offsets()).toEqual([]);
});

function ofAttempt(body: string, attempt: number): string {
  return JSON.stringify({ ...JSON.parse(body), attempt });
}

test("RD2, RD3: what a redrive rejects by an attempt that dies, and processes by the next one, has no letter any more", async () => {
  const { world, offsets, redrive } = await aWorld(["b", "e"], { rejects: true });
  world.bad.delete("b");
  world.unlucky.add("b");

  const { code, printed } = await redrive();

  expect({ code, printed }).toEqual({ code: 1, printed: ["orders:0:1  processed", "orders:0:4  failed again"] });
  expect(world.effects()).toEqual(["a", "b", "c", "d", "f"]);
  expect(offsets()).toEqual([4]);
});

test("RD2: what an operator's own request has processed since is not processed again", async () => {
  const { world, offsets, redrive } = await aWorld(["b", "e"], { rejects: true });
  world.bad.delete("b");
  const ranges = [{ topic: "orders", partition: 0, fromOffset: "0", untilOffset: "3" }];
  await world.invoke({ reprocess: { requestId: "again", ranges } });
  world.bad.clear();

  const { code, printed } = await redrive();

  expect({ code, printed }).toEqual({
    code: 0,
    printed: ["orders:0:1  processed: by request again", "orders:0:4  processed"],
  });
  expect(world.effects()).toEqual(["a", "a", "b", "c", "c", "d", "e", "f"]);
  expect(offsets()).toEqual([]);
});

describe("RD2: of what the ledger cannot tell", () => {
  /** As an earlier release would have left it, or the table after the retention. */
  async function aVagueWorld(change: (record: RangeRecord) => RangeRecord) {
    const { world, ...rest } = await aWorld(["b", "e"], { rejects: true, unlucky: ["c"] });
    world.bad.clear();
    const { ledger } = world;
    const rangesWithin: RedriveDeps["ledger"]["rangesWithin"] = async function* (...args) {
      for await (const record of ledger.rangesWithin(...args)) {
        yield record.chain.requestId === undefined ? change(record) : record;
      }
    };
    return { ...rest, world, ledger: { ...ledger, rangesWithin } };
  }

  const withoutList = ({ rejectedOffsets: _none, ...record }: RangeRecord) => record;
  // A range that was split off counts its attempts anew.
  const vague = (record: RangeRecord) => ({ ...withoutList(record), leaseCounter: record.leaseCounter + 1 });

  test("nothing is processed, and what to do is told", async () => {
    const { world, ledger, offsets, redrive } = await aVagueWorld(vague);
    const before = offsets();

    const { code, printed } = await redrive({ ledger });

    expect(code).toBe(1);
    expect(printed).toHaveLength(3);
    expect(printed[0]).toMatch(/^orders:0:1 {2}left: it may have been processed after all: .*--include-unproven$/);
    expect(world.effects()).toEqual(["a", "c", "d", "f"]);
    expect(offsets()).toEqual(before);
  });

  test("the last attempt's letters are enough, where they are as many as its range has rejected", async () => {
    const { world, ledger, offsets, redrive } = await aVagueWorld(withoutList);

    const { code } = await redrive({ ledger });

    expect(code).toBe(0);
    expect(world.effects()).toEqual(VALUES);
    expect(offsets()).toEqual([]);
  });

  test("what is forgotten is told as that, and processed only where that was asked for", async () => {
    const { world, ledger, redrive } = await aVagueWorld((record) => ({ ...record, untilOffset: record.fromOffset }));

    const { printed } = await redrive({ ledger });
    expect(printed[0]).toMatch(/the ledger no longer has its range/);
    expect(world.effects()).toEqual(["a", "c", "d", "f"]);

    const { code } = await redrive({ ledger }, { includesUnproven: true });
    expect(code).toBe(0);
    expect(world.effects()).toEqual(["a", "b", "c", "c", "d", "e", "f"]);
  });
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
  expect(printed).toEqual(["orders:0:3  processed: by its own range, after all"]);
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
    expect(printed.join()).toContain("left: it was rejected again, and its letter is not here");
    expect(offsets()).toEqual(expect.arrayContaining(letters));
  },
);

test("MG1: a strict proof fails for what was given up, until redrives have processed all of it", async () => {
  const { world, redrive } = await aWorld(["b", "e"]);
  const verify = async () => {
    const terminal = createRecordingTerminal();
    const deps = { ledger: world.ledger, now: world.bench.clock.now, terminal };
    const code = await verifyLedger(deps, { pipeline: undefined, json: false, strict: true });
    return { code, told: terminal.printed.filter((line) => line.includes("QUARANTINED")) };
  };
  expect((await verify()).code).toBe(1);
  world.bad.delete("b");
  await redrive();

  const between = await verify();
  expect(between.code).toBe(1);
  // The live chain's two, and the redrive's one.
  expect(between.told).toHaveLength(3);
  expect(between.told.filter((line) => line.includes("; since then processed by request redrive-"))).toEqual([
    expect.stringContaining("orders-0 [1, 2)"),
  ]);
  world.bad.clear();
  await redrive();

  const after = await verify();
  expect(after.code).toBe(0);
  expect(after.told).toHaveLength(3);
  expect(after.told.every((line) => line.includes("; since then processed by request redrive-"))).toBe(true);
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
