import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { LedgerUnavailableError } from "../../../../shared/core/errors.ts";
import { MAX_CHANGE_TRIES } from "../../../../shared/core/limits.ts";
import { sdkCalls } from "../../../../shared/dynamodb/calls/sdk-calls.ts";
import { done, type Try, untilStored } from "../../../../shared/dynamodb/until-stored.ts";

describe("untilStored", () => {
  test("answers what the first try that is done answers, also where that is nothing", async () => {
    const { store } = aStore();

    await expect(untilStored(store, "it", tries([done("first"), done("second")]))).resolves.toBe("first");
    await expect(untilStored(store, "it", tries([done(undefined)]))).resolves.toBeUndefined();
  });

  test("pauses where another write is under way, and goes on at once where one has been stored", async () => {
    const { store, pauses } = aStore();

    const stored = untilStored(
      store,
      "it",
      tries([{ kind: "overtaken" }, { kind: "contended" }, { kind: "overtaken" }, done("stored")]),
    );

    await expect(stored).resolves.toBe("stored");
    expect(pauses()).toBe(1);
  });

  test.each(["overtaken", "contended"] as const)("ends after a bounded number of %s tries", async (kind) => {
    const { store } = aStore();
    let count = 0;

    const stored = untilStored(store, "the plan of orders-3", async () => {
      count += 1;
      return { kind };
    });

    await expect(stored).rejects.toThrow(LedgerUnavailableError);
    await expect(stored).rejects.toThrow(/the plan of orders-3 in each of \d+ tries/);
    expect(count).toBe(MAX_CHANGE_TRIES);
  });

  test("passes on what a try throws, and tries no more", async () => {
    const { store } = aStore();
    const broken = new Error("broken");
    let count = 0;

    const stored = untilStored(store, "it", async () => {
      count += 1;
      throw broken;
    });

    await expect(stored).rejects.toBe(broken);
    expect(count).toBe(1);
  });
});

function tries<Answer>(outcomes: readonly Try<Answer>[]): () => Promise<Try<Answer>> {
  const left = outcomes.values();
  return async () => left.next().value ?? { kind: "contended" };
}

/** Pauses for no time, and counts how often. */
function aStore() {
  let count = 0;
  const random = () => {
    count += 1;
    return 0;
  };
  const store = {
    calls: sdkCalls(new DynamoDBClient({ region: "local" })),
    tableName: "ranges",
    newId: () => "id",
    random,
    knownTables: new Map(),
  };
  return { store, pauses: () => count };
}
