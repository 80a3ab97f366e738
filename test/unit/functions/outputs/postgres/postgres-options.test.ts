import { expect, test } from "vitest";
import type { PostgresOptions } from "../../../../../functions/outputs/postgres/postgres-options.ts";
import { postgresOutput } from "../../../../../functions/outputs/postgres/postgres-output.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { anOutputRange } from "../../../../support/postgres/postgres-bench.ts";

const place = { host: "db.example", user: "orders" };

test.each<[unknown, string]>([
  [{}, "host is missing"],
  [{ host: "db.example" }, "user is missing"],
  [{ ...place, port: 0 }, "port is 0"],
  [{ ...place, port: "5432" }, 'port is "5432"; expected a whole number from 1 to 65535'],
  [{ ...place, user: "" }, "user is"],
  [{ ...place, password: "" }, "password is a string; expected a text"],
  [
    { ...place, pipelining: "no", ssl: "off" },
    'ssl is a string; expected false, or an object of Node.js\'s TLS options; pipelining is "no"',
  ],
  [{ ...place, password: "x", useIam: true }, "useIam and password are given"],
  [{ ...place, secretId: "a", useIam: true }, "secretId and useIam are given"],
  [{ ...place, useIam: true, ssl: false }, "sent in clear"],
  [{ ...place, hostname: "db.example" }, "hostname is no option"],
  [{ ...place, table: "a b" }, 'table "a b"'],
  [{ ...place, isolation: "snapshot" }, "isolation is"],
  [{ ...place, transactionTimeoutMs: 10 }, "transactionTimeoutMs is 10"],
])("wrong options are refused where they are given: %j", (options, problem) => {
  const create = () => postgresOutput(options as PostgresOptions);

  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(problem);
});

test.each<[unknown, string]>([
  [{ ...place, password: 53_713 }, "password is a number; expected a text"],
  ["postgres://etl:53713@db.example/orders", "its options are a string; expected an object with host, port"],
  [["etl", "53713"], "its options are an array"],
  [{ ...place, host: "postgres://etl:53713@db.example/orders" }, "give host, port, database and user"],
  [{ ...place, host: "etl:53713@db.example" }, "give host, port, database and user"],
  [{ ...place, port: "etl:53713@db.example" }, 'port is "etl:…@db.example"; expected'],
  [{ ...place, secretId: ["53713"] }, "secretId is an array; expected a text"],
  [{ ...place, password: "53713", useIam: true }, "useIam and password are given"],
])("no error quotes a password: %j", async (options, problem) => {
  const refused = [
    async () => postgresOutput(options as PostgresOptions),
    async () => postgresOutput(() => options as PostgresOptions).open(anOutputRange()),
  ];
  for (const refuse of refused) {
    const error = await refuse().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(problem);
    expect(String(error)).not.toContain("53713");
  }
});

test("a folder of sockets is a host", () => {
  expect(postgresOutput({ ...place, host: "/var/run/postgresql" }).name).toBe("PostgreSQL");
});

test("options of the environment are read when the first range is opened", async () => {
  let reads = 0;

  const output = postgresOutput(() => {
    reads += 1;
    return place;
  });

  expect(output.name).toBe("PostgreSQL");
  expect(reads).toBe(0);
});
