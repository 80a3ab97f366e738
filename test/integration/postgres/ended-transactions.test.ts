// What a transaction is told that a statement ended although it should not have been sent: here it is sent nevertheless.

import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { InvalidOutputError } from "../../../shared/core/errors.ts";
import { connectPostgres, type PostgresConnection } from "../../../shared/postgres/connection/postgres-connection.ts";
import { playTransaction } from "../../../shared/postgres/output/play-transaction.ts";
import { claimPosition, movePosition, quoteTable } from "../../../shared/postgres/output/position-table.ts";
import { strayVerbOf } from "../../../shared/postgres/statements/statement-verb.ts";
import { ORDERS_ID } from "../../support/builders/builders.ts";
import {
  clear,
  insertOrder,
  openAttempt,
  openPostgresBench,
  type PostgresBench,
  readContents,
} from "../../support/postgres/postgres-bench.ts";

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const openedBy = "00000000-0000-4000-8000-000000000001";
const table = quoteTable("kafka_offset_ranges");
const key = ["orders", ORDERS_ID, 3, "", "-1"] as const;
const move = movePosition(table, key, {
  openedBy,
  fromPosition: undefined,
  fromOffset: 0n,
  untilOffset: 5n,
  progress: "",
});

let bench: PostgresBench;
let connection: PostgresConnection;

beforeAll(async () => {
  bench = await openPostgresBench(inject("postgres.port"));
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(async () => {
  await clear(bench);
  const outcome = await connectPostgres(bench.settings, { isPipelined: true });
  connection = outcome.kind === "connected" ? outcome.connection : expect.unreachable("there is a connection");
  await connection.send([claimPosition(table, key, { topic: "orders", openedBy })], 10_000);
  return () => connection.end();
});

const sent = (text: string) => ({ kind: "statement", text, values: [], bytes: text.length }) as const;

test.each(["ROLLBACK", "ROLLBACK AND CHAIN", "COMMIT AND CHAIN", ";COMMIT", "PREPARE TRANSACTION 'none'"])(
  "PY4: a transaction that a statement ended is not told as committed: %s",
  async (text) => {
    const outputs = [sent("INSERT INTO orders VALUES (1)"), sent(text), sent("INSERT INTO orders VALUES (2)")];

    const outcome = await playTransaction(connection, { begin: BEGIN, move, outputs, timeoutMs: 10_000 });

    // Prepared transactions are not switched on, so that this one is refused.
    const kind = text.startsWith("PREPARE") ? "refused" : "ended";
    expect(outcome).toMatchObject({ kind, text, outputs: [1] });
  },
);

test("PY4: a COMMIT outside of a transaction, which PostgreSQL answers by COMMIT, is not taken for one", async () => {
  const outcome = await playTransaction(connection, { begin: "SELECT 1", move, outputs: [], timeoutMs: 10_000 });

  expect(outcome).toMatchObject({ kind: "unknown" });
});

test.each([";ROLLBACK", "  ;; ROLLBACK", "--x\rROLLBACK", ";COMMIT", "/* /* */ */ COMMIT", ";COPY orders FROM STDIN"])(
  "KO1, OS1: %j among outputs is refused before anything is sent, and the others are not taken",
  async (text) => {
    const open = await openAttempt(bench.settings);

    const writing = open.write([insertOrder(1, "order 1"), { text }, insertOrder(2, "order 2")]);

    await expect(writing).rejects.toThrow(InvalidOutputError);
    await expect(writing).rejects.toMatchObject({ outputIndex: 1 });
    await open.close();
    expect(await readContents(bench)).toMatchObject({ orders: [], position: null });
  },
);

test.each([
  "/*/ */ */ROLLBACK",
  "/* a */*/",
  "/* /* */ ROLLBACK",
  "--x\rROLLBACK",
  "\u00a0ROLLBACK",
  ";;--\n/**/;ROLLBACK",
])("KW1: a text begins with the word that PostgreSQL reads: %j", async (text) => {
  await bench.query("BEGIN");
  const command = await bench.client.query({ text, queryMode: "extended" } as { readonly text: string }).then(
    (result) => result.command,
    () => "none",
  );
  await bench.query("ROLLBACK");

  expect(strayVerbOf(text) === "ROLLBACK").toBe(command === "ROLLBACK");
});
