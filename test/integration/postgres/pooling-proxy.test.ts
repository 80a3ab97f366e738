// What goes over the wire is nothing that would pin a client of RDS Proxy to one connection behind it:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html

import { expect, inject, test } from "vitest";
import { attempt, insertOrder, openAttempt, openPostgresBench } from "../../support/postgres/postgres-bench.ts";
import { startPostgresProxy } from "../../support/postgres/postgres-proxy.ts";

const PINNING =
  /\b(?:set|reset|prepare|execute|deallocate|discard|declare|listen|unlisten|load|temp|temporary|nextval|setval|pg_advisory\w*|set_config)\b/i;
/** The `SET` of an UPDATE is another. */
const UPDATE_SET = /(?:UPDATE|TABLE|"kafka_offset_ranges") SET\b/gi;

test.each([true, false])("PC1: statements have no names, and set nothing: pipelining %s", async (pipelining) => {
  await using bench = await openPostgresBench(inject("postgres.port"));
  const proxy = await startPostgresProxy(bench.settings.port);
  const settings = { ...bench.settings, port: proxy.port };

  await attempt(settings, { pipelining, isolation: "serializable" });
  const open = await openAttempt(settings, { partition: 9 }, { pipelining });
  await open.write([insertOrder(100, "good"), insertOrder(101, "bad")]);
  await expect(open.commit({ fromPosition: undefined, untilOffset: 5n, progress: "" })).rejects.toThrow("SQLSTATE");
  await open.close();

  const texts = proxy.messages.flatMap(({ text = "" }) => text);
  expect(texts.filter((text) => text.startsWith("BEGIN"))).toContain("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE");
  expect(texts.some((text) => text.startsWith("SAVEPOINT"))).toBe(true);
  expect(texts.filter((text) => PINNING.test(text.replaceAll(UPDATE_SET, "")))).toEqual([]);
  expect(proxy.messages.filter(({ name = "" }) => name !== "")).toEqual([]);
  // Neither options nor settings, which RDS Proxy refuses at the start.
  expect(proxy.startups.map((startup) => Object.keys(startup).sort())).toEqual([
    ["client_encoding", "database", "user"],
    ["client_encoding", "database", "user"],
  ]);
  await proxy.close();
});
