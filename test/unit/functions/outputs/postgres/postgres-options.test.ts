import { expect, test } from "vitest";
import type { PostgresOptions } from "../../../../../functions/outputs/postgres/postgres-options.ts";
import { postgresOutput } from "../../../../../functions/outputs/postgres/postgres-output.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

const place = { host: "db.example", user: "orders" };

test.each<[unknown, string]>([
  [{}, "host is missing"],
  [{ host: "db.example" }, "user is missing"],
  [{ ...place, port: 0 }, "port is 0"],
  [{ ...place, port: "5432" }, 'port is "5432"'],
  [{ ...place, user: "" }, "user is"],
  [{ ...place, password: "" }, "password is empty"],
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

test("an error quotes no password", () => {
  expect(() => postgresOutput({ ...place, password: 5 as unknown as string })).toThrow(/^(?!.*5).*$/s);
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
