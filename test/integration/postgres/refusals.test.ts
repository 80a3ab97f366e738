// What PostgreSQL refuses, and whom that is said of: the record, the tables, the settings, or the time.

import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import {
  ConfigurationError,
  DeadlineError,
  InvalidOutputError,
  OutputUnavailableError,
} from "../../../shared/core/errors.ts";
import type { PositionedOutput } from "../../../shared/core/output/range-output.ts";
import { bulkStatement, type PostgresOutput } from "../../../shared/postgres/statements/postgres-statement.ts";
import {
  addToTotal,
  clear,
  countBlocked,
  insertLine,
  insertOrder,
  openAttempt,
  openPostgresBench,
  type PostgresBench,
  readContents,
  untilSettledOrBlocked,
} from "../../support/postgres/postgres-bench.ts";
import { startPostgresProxy } from "../../support/postgres/postgres-proxy.ts";
import { waitUntil } from "../../support/wait-until.ts";

let bench: PostgresBench;
let open: PositionedOutput<PostgresOutput>;

beforeAll(async () => {
  bench = await openPostgresBench(inject("postgres.port"));
  await bench.query(`CREATE SEQUENCE refusals;
CREATE FUNCTION refuse_first(times int, state text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('refusals') <= times THEN RAISE EXCEPTION 'not yet' USING ERRCODE = state; END IF; END $$`);
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(async () => {
  await clear(bench);
  await bench.query("ALTER SEQUENCE refusals RESTART");
  open = await openAttempt(bench.settings);
});

const first = { fromPosition: undefined, untilOffset: 5n, progress: "one" };

async function refusalOf(outputs: readonly PostgresOutput[]): Promise<unknown> {
  await open.write(outputs);
  return open.commit(first).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const upsertTotal =
  "INSERT INTO totals SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT (name) DO UPDATE SET total = excluded.total";

describe("an output that is refused for its data", () => {
  test.each<[string, PostgresOutput]>([
    ["no number", { text: "INSERT INTO orders (id) VALUES ($1)", values: ["five"] }],
    ["a key that is there", { text: "INSERT INTO orders (id) VALUES ($1)", values: [1] }],
    ["a check", { text: "INSERT INTO orders VALUES ($1, $2)", values: [2, "bad"] }],
    ["no SQL", { text: "INSERT orders" }],
    ["two statements", { text: "DELETE FROM orders; DELETE FROM lines" }],
    ["a value too few", { text: "INSERT INTO orders VALUES ($1, $2)", values: [2] }],
    ["what a trigger or a function raises", { text: "SELECT refuse_first(9, 'P0001')" }],
    ["what it raises by a state of its own", { text: "SELECT refuse_first(9, 'OR001')" }],
    ["what no transaction takes", { text: "CREATE DATABASE another" }],
    ["a cursor that there is not", { text: "FETCH missing" }],
  ])("is named by its index, and nothing takes effect: %s", async (_, wrong) => {
    const error = await refusalOf([insertOrder(1, "order 1"), addToTotal("a", 1), wrong, insertLine(1, "first")]);

    expect(error).toBeInstanceOf(InvalidOutputError);
    expect(error).toMatchObject({ outputIndex: 2 });
    expect(await readContents(bench)).toMatchObject({ orders: [], lines: 0, total: 0, position: null });
  });

  test("PY2: is found among the rows of a bulk statement", async () => {
    const rows = Array.from({ length: 100 }, (_, id) => [
      insertOrder(id, id === 71 ? "bad" : "good"),
      insertLine(id, "x"),
    ]);

    const error = await refusalOf(rows.flat());

    expect(error).toBeInstanceOf(InvalidOutputError);
    expect(error).toMatchObject({ outputIndex: 142 });
    expect(await readContents(bench)).toMatchObject({ orders: [], lines: 0, position: null });
  });

  test("PY2: is found among rows also where a trigger refuses it by a state of its own", async () => {
    await bench.query(`CREATE TABLE guarded (order_id bigint);
CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.order_id = 5 THEN RAISE EXCEPTION 'no order 5' USING ERRCODE = 'OR001'; END IF; RETURN NEW; END $$;
CREATE TRIGGER guard BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION guard()`);
    const guarded = bulkStatement<[number]>("INSERT INTO guarded SELECT * FROM unnest($1::bigint[])");

    const error = await refusalOf(Array.from({ length: 8 }, (_, id) => guarded(id)));

    expect(error).toBeInstanceOf(InvalidOutputError);
    expect(error).toMatchObject({ outputIndex: 5 });
  });

  test("PX3: leaves nothing of what was written to the next commit", async () => {
    await refusalOf([addToTotal("a", 1), { text: "INSERT orders" }]);

    await open.write([addToTotal("a", 2)]);
    await open.commit(first);

    expect(await readContents(bench)).toMatchObject({ total: 2, position: "5" });
  });

  test("is refused at once where it is no output, and the others with it are not taken", async () => {
    const wrong = { text: "INSERT INTO lines VALUES (1, $1)", values: ["\0"] };

    await expect(open.write([addToTotal("a", 1), wrong])).rejects.toMatchObject({ outputIndex: 1 });
    await open.commit(first);

    expect(await readContents(bench)).toMatchObject({ total: 0, position: "5" });
  });
});

describe("rows of one key", () => {
  test.each([[{ key: [1] }], [{}]])(
    "GB3, PY2: take effect one after the other, the last one wins: %j",
    async (options) => {
      const set = bulkStatement<[string, number]>(upsertTotal, options);
      await open.write([set("a", 1), set("b", 2), set("a", 3), set("a", 4), set("c", 5)]);

      await open.commit(first);

      expect(await bench.query("SELECT name, total FROM totals ORDER BY name")).toEqual([
        { name: "a", total: "4" },
        { name: "b", total: "2" },
        { name: "c", total: "5" },
      ]);
    },
  );
});

describe("a transaction that lost against another one is played again", () => {
  test.each(["40001", "40P01"])("after SQLSTATE %s", async (state) => {
    await open.write([insertOrder(1, "order 1"), { text: "SELECT refuse_first(2, $1)", values: [state] }]);

    await open.commit(first);

    expect(await readContents(bench)).toMatchObject({ orders: [{ id: "1" }], position: "5" });
  });

  test("but not for ever", async () => {
    expect(await refusalOf([{ text: "SELECT refuse_first(99, '40001')" }])).toBeInstanceOf(OutputUnavailableError);
  });

  test("after a deadlock", async () => {
    await bench.query("INSERT INTO totals VALUES ('a', 0), ('b', 0)");
    const other = new Client(bench.settings);
    await other.connect();
    // Who has waited longest looks for a deadlock first, and is ended.
    await other.query("SET deadlock_timeout = '60s'");
    await other.query("BEGIN; UPDATE totals SET total = total + 1 WHERE name = 'b'");
    await open.write([addToTotal("a", 10), addToTotal("b", 10)]);
    const committing = open.commit(first);
    await untilSettledOrBlocked(bench, committing);

    await other.query("UPDATE totals SET total = total + 1 WHERE name = 'a'");
    await other.query("COMMIT");
    await committing;
    await other.end();

    expect(await readContents(bench)).toMatchObject({ total: 22, position: "5" });
  });
});

describe("what somebody has to change", () => {
  test.each<[string, PostgresOutput]>([
    ["a table that is missing", { text: "INSERT INTO missing VALUES (1)" }],
    ["a column that is missing", { text: "INSERT INTO orders (missing) VALUES (1)" }],
    ["a function that is missing", { text: "SELECT missing(1)" }],
    ["a constraint that is missing", { text: "INSERT INTO lines VALUES (1, '') ON CONFLICT (line) DO NOTHING" }],
  ])("costs no record its place: %s", async (_, output) => {
    expect(await refusalOf([output])).toBeInstanceOf(ConfigurationError);
  });

  test("is told with the statement that creates the table of positions", async () => {
    const error = await openAttempt(bench.settings, {}, { table: "elsewhere" }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain('CREATE TABLE IF NOT EXISTS "elsewhere"');
    expect(String(error)).toContain("GRANT SELECT, INSERT, UPDATE ON elsewhere");
  });

  test.each([
    [{ password: "wrong" }, "secretId"],
    [{ user: "nobody" }, "secretId"],
    [{ database: "nowhere" }, "database"],
  ])("is told with the option: %j", async (wrong, option) => {
    const error = await openAttempt({ ...bench.settings, ...wrong }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(option);
  });

  test("is a grant that the function's user lacks, on the table of positions and on a table of outputs", async () => {
    const user = `reader_${bench.settings.database}`;
    await bench.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x'`);
    const settings = { ...bench.settings, user, password: "x" };

    await expect(openAttempt(settings)).rejects.toThrow(ConfigurationError);
    await bench.query(`GRANT SELECT, INSERT, UPDATE ON kafka_offset_ranges TO ${user}`);
    open = await openAttempt(settings);

    expect(await refusalOf([insertLine(1, "first")])).toBeInstanceOf(ConfigurationError);
    await open.close();
  });
});

describe("what time mends", () => {
  test("a server that does not answer", async () => {
    await expect(openAttempt({ ...bench.settings, port: 1 })).rejects.toThrow(OutputUnavailableError);
  });

  test("a server that takes no more connections", async () => {
    const user = `crowd_${bench.settings.database}`;
    await bench.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);

    await expect(openAttempt({ ...bench.settings, user, password: "x" })).rejects.toThrow(OutputUnavailableError);
  });

  test("PX4: a statement that the role's own limit ends, unless fewer records may fit", async () => {
    const slow = { text: "SELECT refuse_first(9, '57014')" };
    expect(await refusalOf([slow])).toBeInstanceOf(DeadlineError);

    await open.write([slow]);
    const alone = open.commit({ ...first, untilOffset: 1n });

    await expect(alone).rejects.toThrow(OutputUnavailableError);
    await expect(alone).rejects.toThrow("57014");
  });

  test("PC2: a transaction that takes longer than it may: where it cannot be cancelled the connection is given up, and the work is not lost", async () => {
    const proxy = await startPostgresProxy(bench.settings.port);
    open = await openAttempt({ ...bench.settings, port: proxy.port }, {}, { transactionTimeoutMs: 1_000 });
    const other = new Client(bench.settings);
    await other.connect();
    await other.query("BEGIN; LOCK TABLE lines");
    await open.write([insertLine(1, "first")]);
    const committing = open.commit(first);
    committing.catch(() => undefined);
    // The transaction waits for the table, and whoever asks for its outcome, on another connection, for the transaction.
    await waitUntil("the first connection is given up", async () => (await countBlocked(bench)) === 2, 20_000);
    await other.query("COMMIT");
    await committing;
    await other.end();

    expect(await readContents(bench)).toMatchObject({ lines: 1, position: "5" });
    await open.close();
    await proxy.close();
  });

  test.each([true, false])(
    "PX4: a transaction of several records that takes too long is told as such, one alone as an outage: pipelining %s",
    async (pipelining) => {
      open = await openAttempt(bench.settings, {}, { transactionTimeoutMs: 1_000, pipelining });
      const slow = Array.from({ length: 15 }, () => ({ text: "INSERT INTO lines SELECT 1, 'x' FROM pg_sleep(0.1)" }));

      await open.write(slow);
      const several = open.commit(first);
      await expect(several).rejects.toThrow(DeadlineError);
      await expect(several).rejects.toThrow("5 offsets took longer than transactionTimeoutMs, 1000 ms");
      await open.write(slow);
      const alone = open.commit({ ...first, untilOffset: 1n });
      await expect(alone).rejects.toThrow(OutputUnavailableError);
      await expect(alone).rejects.toThrow("transactionTimeoutMs, 1000 ms");

      expect(await readContents(bench)).toMatchObject({ lines: 0, position: null });
      await open.close();
    },
  );

  test("connections that the server ends between and inside of ranges", async () => {
    const end = () =>
      bench.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
      );
    await open.write([addToTotal("a", 1)]);
    await end();
    await open.commit(first);
    await end();
    await open.write([addToTotal("a", 1)]);
    await open.commit({ fromPosition: 5n, untilOffset: 10n, progress: "" });

    expect(await readContents(bench)).toMatchObject({ total: 2, position: "10" });
  });
});

describe("the position", () => {
  test("OS1, PT2: where it is elsewhere than the commit says, nothing takes effect", async () => {
    await open.write([addToTotal("a", 1)]);

    await expect(open.commit({ fromPosition: 3n, untilOffset: 5n, progress: "" })).rejects.toThrow(
      OutputUnavailableError,
    );

    expect(await readContents(bench)).toMatchObject({ total: 0, position: null });
  });

  test("OS2, PT1: an attempt that another one came after commits nothing any more", async () => {
    const later = await openAttempt(bench.settings);
    await open.write([addToTotal("a", 1)]);

    await expect(open.commit(first)).rejects.toThrow(OutputUnavailableError);
    await later.write([addToTotal("a", 2)]);
    await later.commit(first);

    expect(await readContents(bench)).toMatchObject({ total: 2, position: "5" });
    await later.close();
  });

  test("is told with its progress, and is one per chain, but per range where ranges go on side by side", async () => {
    await open.commit({ ...first, progress: "with counts" });
    const next = { fromOffset: 5n, rangeFrom: 5n, untilOffset: 12n };
    const request = { requestId: "again", isSequential: false };

    const positions = await Promise.all(
      [next, { ...next, ...request }, { ...next, partition: 4 }, { ...next, isSequential: false }].map(
        async (range) => {
          const opened = await openAttempt(bench.settings, range);
          await opened.close();
          return opened.position;
        },
      ),
    );

    expect(positions).toEqual([{ untilOffset: 5n, progress: "with counts" }, undefined, undefined, undefined]);
  });

  test("is not that of an earlier request of the same id", async () => {
    const request = { requestId: "again", isSequential: false, plannedAt: 1 };
    const earlier = await openAttempt(bench.settings, request);
    await earlier.commit(first);
    await earlier.close();

    const positions: (bigint | undefined)[] = [];
    for (const plannedAt of [1, 2]) {
      const opened = await openAttempt(bench.settings, { ...request, plannedAt });
      await opened.close();
      positions.push(opened.position?.untilOffset);
    }

    expect(positions).toEqual([5n, undefined]);
  });

  test("keeps where the first outputs of the chain began", async () => {
    open = await openAttempt(bench.settings, { fromOffset: 3n, rangeFrom: 3n });
    await open.commit(first);
    await open.commit({ fromPosition: 5n, untilOffset: 9n, progress: "" });

    expect(await bench.query("SELECT from_offset, until_offset FROM kafka_offset_ranges")).toEqual([
      { from_offset: "3", until_offset: "9" },
    ]);
  });
});
