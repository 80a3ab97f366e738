// What the server is left with of an attempt whose time is up, or whose machine is gone: nothing that others wait for.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { DeadlineError } from "../../../shared/core/errors.ts";
import type { ConnectionSettings } from "../../../shared/postgres/connection/connection-settings.ts";
import { connectPostgres, type PostgresConnection } from "../../../shared/postgres/connection/postgres-connection.ts";
import { claimPosition, quoteTable } from "../../../shared/postgres/output/position-table.ts";
import { ORDERS_ID } from "../../support/builders/builders.ts";
import {
  attempt,
  clear,
  countBlocked,
  EACH_ONCE,
  insertLine,
  openAttempt,
  openPostgresBench,
  type PostgresBench,
  readContents,
} from "../../support/postgres/postgres-bench.ts";
import { waitUntil } from "../../support/wait-until.ts";

const first = { fromPosition: undefined, untilOffset: 5n, progress: "one" };
/** Longer than any test. */
const ENDLESS = { text: "SELECT pg_sleep(600)" };

let bench: PostgresBench;

beforeAll(async () => {
  bench = await openPostgresBench(inject("postgres.port"));
  await bench.query(`CREATE FUNCTION sleep_through() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END $$`);
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => clear(bench));

async function connectAs(settings: ConnectionSettings): Promise<PostgresConnection> {
  const outcome = await connectPostgres(settings, { isPipelined: true });
  return outcome.kind === "connected" ? outcome.connection : expect.unreachable("there is a connection");
}

async function countSleeping(): Promise<number> {
  const sleeping = await bench.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
  );
  return sleeping.length;
}

const nobodySleeps = () => waitUntil("nothing of it runs", async () => (await countSleeping()) === 0, 20_000);

describe.each([true, false])("with pipelining %s", (pipelining) => {
  test.each(["without TLS", "by TLS"])(
    "PC3: a transaction whose time is up is ended on the server, and the next attempt waits for nothing: %s",
    async (how) => {
      const tls = { host: "localhost", ssl: { ca: inject("postgres.certificate") } };
      const settings = { ...bench.settings, ...(how === "by TLS" ? tls : {}) };
      const open = await openAttempt(settings, {}, { transactionTimeoutMs: 1_000, pipelining });
      await open.write([insertLine(1, "first"), ENDLESS, insertLine(1, "second")]);

      const committing = open.commit(first);

      await expect(committing).rejects.toThrow(DeadlineError);
      await expect(committing).rejects.toThrow("5 offsets took longer than transactionTimeoutMs, 1000 ms");
      await nobodySleeps();
      await open.close();
      await attempt(bench.settings);
      expect(await readContents(bench)).toEqual(EACH_ONCE);
    },
  );
});

test("PC3: a claim whose time is up waits no longer, and takes no effect when the position is free", async () => {
  await attempt(bench.settings);
  const connection = await connectAs(bench.settings);
  await bench.query("BEGIN");
  const [before] = await bench.query("SELECT opened_by FROM kafka_offset_ranges FOR UPDATE");
  const openedBy = "00000000-0000-4000-8000-000000000001";
  const key = ["orders", ORDERS_ID, 3, "", "-1"] as const;

  const claim = claimPosition(quoteTable("kafka_offset_ranges"), key, { topic: "orders", openedBy });
  const [outcome] = await connection.send([claim], 500);

  expect(outcome).toMatchObject({ kind: "refused", isLate: true, refusal: { state: "57014" } });
  expect(await countBlocked(bench)).toBe(0);
  expect(connection.isIdle).toBe(false);
  await bench.query("COMMIT");
  expect(await bench.query("SELECT opened_by FROM kafka_offset_ranges")).toEqual([before]);
  connection.drop();
});

test("PC3: a COMMIT that takes its time is not cancelled: what it did is asked for", async () => {
  await bench.query(`CREATE FUNCTION wait_for_others() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_sleep(3); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON lines DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION wait_for_others()`);
  const open = await openAttempt(bench.settings, {}, { transactionTimeoutMs: 1_000 });
  await open.write([insertLine(1, "first")]);

  await open.commit(first);

  expect(await readContents(bench)).toMatchObject({ lines: 1, position: "5" });
  await open.close();
  await bench.query("DROP TRIGGER at_commit ON lines");
});

test("PC3: what is carried out although it was cancelled is not believed, and the connection is used no more", async () => {
  const connection = await connectAs(bench.settings);

  const [outcome] = await connection.send([{ text: "SELECT sleep_through()" }], 500);

  expect(outcome).toMatchObject({ kind: "broken", isLate: true });
  expect(connection.isIdle).toBe(false);
  connection.drop();
});

test("the limits of the role, as they are documented, end what a machine that is gone has left under way", async () => {
  const readme = await readFile(new URL("../../../functions/outputs/postgres/README.md", import.meta.url), "utf8");
  const limits = readme.match(/^(?:GRANT|ALTER ROLE) .*;$/gm) ?? [];
  await bench.query("CREATE ROLE orders_pipeline LOGIN PASSWORD 'orders'");
  for (const limit of limits) {
    await bench.query(limit);
  }
  const gone = await connectAs({ ...bench.settings, user: "orders_pipeline", password: "orders" });
  const left = gone.send(
    [{ text: "BEGIN" }, { text: "LOCK TABLE kafka_offset_ranges IN ROW EXCLUSIVE MODE" }, ENDLESS],
    600_000,
  );
  await waitUntil("it is under way", async () => (await countSleeping()) === 1, 20_000);

  gone.drop();

  expect(limits.length).toBeGreaterThan(1);
  expect(await left).toMatchObject([{ kind: "done" }, { kind: "done" }, { kind: "broken" }]);
  await nobodySleeps();
  await bench.query("DROP OWNED BY orders_pipeline");
  await bench.query("DROP ROLE orders_pipeline");
});
