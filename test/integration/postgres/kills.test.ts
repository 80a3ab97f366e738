// Whatever dies between open and the last commit, and wherever: the content is that of the records, each once.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { OutputUnavailableError } from "../../../shared/core/errors.ts";
import type { ConnectionSettings } from "../../../shared/postgres/connection/connection-settings.ts";
import {
  attempt,
  clear,
  EACH_ONCE,
  openPostgresBench,
  type PostgresBench,
  readContents,
  untilSettledOrBlocked,
} from "../../support/postgres/postgres-bench.ts";
import { type PostgresProxy, startPostgresProxy } from "../../support/postgres/postgres-proxy.ts";

/** More than an attempt sends. */
const MAX_STATEMENTS = 50;

let bench: PostgresBench;
let proxy: PostgresProxy;
let direct: ConnectionSettings;
let proxied: ConnectionSettings;

beforeAll(async () => {
  bench = await openPostgresBench(inject("postgres.port"));
  proxy = await startPostgresProxy(bench.settings.port);
  direct = bench.settings;
  proxied = { ...bench.settings, port: proxy.port };
});
afterAll(async () => {
  await proxy.close();
  await bench[Symbol.asyncDispose]();
});
beforeEach(async () => {
  proxy.admit();
  await clear(bench);
});

/** Runs `scenario` with one more statement passed on each time, until an attempt needs no more; answers with how many. */
async function behindEachStatement(scenario: (passed: number) => Promise<"done" | "interrupted">): Promise<number> {
  for (let passed = 0; passed < MAX_STATEMENTS; passed += 1) {
    proxy.admit();
    await clear(bench);
    const outcome = await scenario(passed);
    expect(await readContents(bench), `behind ${passed} statements`).toEqual(EACH_ONCE);
    if (outcome === "done") {
      return passed;
    }
  }
  throw new Error(`an attempt sends more than ${MAX_STATEMENTS} statements`);
}

describe.each([true, false])("with pipelining %s", (pipelining) => {
  test("PX1, PY1: an attempt that is cut off behind any statement, and another one, have each record once", async () => {
    const statements = await behindEachStatement(async (passed) => {
      let isCut = false;
      proxy.holdAfter(passed, () => {
        isCut = true;
        proxy.cut();
      });

      const first = await attempt(proxied, { pipelining }).then(
        () => undefined,
        (error: unknown) => error,
      );
      await attempt(direct);

      expect(first === undefined || first instanceof OutputUnavailableError).toBe(true);
      return isCut ? "interrupted" : "done";
    });

    // More than the claim, and two transactions of five and of two statements, with the move.
    expect(statements).toBe(1 + 8 + 5 + 1);
  });
});

test("PT2: an attempt that is frozen behind any statement, and goes on beside another one, has no part in it", async () => {
  await behindEachStatement(async (passed) => {
    const frozen = Promise.withResolvers<void>();
    proxy.holdAfter(passed, frozen.resolve);
    const first = attempt(proxied).then(
      () => "done" as const,
      (error: unknown) => error,
    );
    const wasFrozen = await Promise.race([frozen.promise.then(() => true), first.then(() => false)]);

    const second = attempt(direct);
    await untilSettledOrBlocked(bench, second);
    proxy.thaw();
    await second;

    expect([await first].filter((one) => one !== "done" && !(one instanceof OutputUnavailableError))).toEqual([]);
    return wasFrozen ? "interrupted" : "done";
  });
});

test("PX2: a transaction that gets to the server after it was given up, and played again, takes effect once", async () => {
  await behindEachStatement(async (passed) => {
    let isAbandoned = false;
    proxy.holdAfter(passed, () => {
      isAbandoned = true;
      proxy.abandon();
    });
    const only = attempt(proxied);
    await untilSettledOrBlocked(bench, only);
    proxy.thaw();
    await only;

    return isAbandoned ? "interrupted" : "done";
  });
});

test("PX2, PY3: a commit whose answer is lost is found to have taken effect", async () => {
  proxy.loseNextCommit();

  await attempt(proxied);

  expect(await readContents(bench)).toEqual(EACH_ONCE);
});

// Of the claim, BEGIN, the move, five statements, and COMMIT.
test.each([2, 4, 8, 9])(
  "PX1: a process that is killed behind %i statements, and another attempt, have each record once",
  async (passed) => {
    const child = spawn(
      process.execPath,
      [new URL("../../support/postgres/attempt-process.ts", import.meta.url).pathname, JSON.stringify(proxied)],
      { stdio: "ignore" },
    );
    proxy.holdAfter(passed, () => child.kill("SIGKILL"));

    const [, signal] = await once(child, "exit");
    await attempt(direct);

    expect(signal).toBe("SIGKILL");
    expect(await readContents(bench)).toEqual(EACH_ONCE);
  },
);
