// How a function enters PostgreSQL: TLS, a secret that changes, IAM, and connections that are kept.

import { randomUUID } from "node:crypto";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import type { PostgresOptions } from "../../../functions/outputs/postgres/postgres-options.ts";
import { postgresOutput } from "../../../functions/outputs/postgres/postgres-output.ts";
import { ConfigurationError, OutputUnavailableError } from "../../../shared/core/errors.ts";
import { signIamToken } from "../../../shared/postgres/connection/iam-token.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { anOutputRange, openPostgresBench, type PostgresBench } from "../../support/postgres/postgres-bench.ts";
import { startPostgresProxy } from "../../support/postgres/postgres-proxy.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

let bench: PostgresBench;

beforeAll(async () => {
  bench = await openPostgresBench(inject("postgres.port"));
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** As Lambda tells it. */
function stubFunction(): void {
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ENDPOINT_URL", inject("aws.endpoint"));
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
}

async function openOnce(output: ReturnType<typeof postgresOutput>): Promise<void> {
  await (await output.open(anOutputRange())).close();
}

async function createUser(password: string): Promise<string> {
  const user = `user_${randomUUID().replaceAll("-", "")}`;
  await bench.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`);
  await bench.query(`GRANT SELECT, INSERT, UPDATE ON kafka_offset_ranges TO ${user}`);
  return user;
}

function options(given: Partial<PostgresOptions>): PostgresOptions {
  const { host, port, database, user, password = "" } = bench.settings;
  return { host, port, database, ...(given.secretId ? {} : { user, password }), ...given };
}

test("a connection is kept for the next range, and each range that is under way has its own", async () => {
  const proxy = await startPostgresProxy(bench.settings.port);
  const output = postgresOutput(options({ port: proxy.port }));

  await openOnce(output);
  await openOnce(output);
  expect(proxy.startups).toHaveLength(1);
  const [one, other] = await Promise.all([output.open(anOutputRange()), output.open(anOutputRange({ partition: 4 }))]);
  await one.close();
  await other.close();
  await openOnce(output);

  expect(proxy.startups).toHaveLength(2);
  await proxy.close();
});

test("a connection that was closed while nothing was under way is replaced", async () => {
  const proxy = await startPostgresProxy(bench.settings.port);
  const output = postgresOutput(options({ port: proxy.port }));
  await openOnce(output);
  proxy.cut();
  proxy.admit();

  await openOnce(output);

  expect(proxy.startups).toHaveLength(2);
  await proxy.close();
});

test("a server's certificate has to be of a trusted authority, and of the host's name", async () => {
  const ca = inject("postgres.certificate");

  await openOnce(postgresOutput(options({ host: "localhost", ssl: { ca } })));
  const untrusted = openOnce(postgresOutput(options({ host: "localhost", ssl: { rejectUnauthorized: true } })));
  await expect(untrusted).rejects.toThrow("NODE_EXTRA_CA_CERTS");
  await expect(untrusted).rejects.toThrow(ConfigurationError);
  const elsewhere = openOnce(postgresOutput(options({ host: "127.0.0.1", ssl: { ca } })));
  await expect(elsewhere).rejects.toThrow(ConfigurationError);
});

test("a secret in the form of RDS says all, and is read anew when the password is refused", async () => {
  stubFunction();
  const user = await createUser("one");
  const { host, port, database: dbname } = bench.settings;
  const client = new SecretsManagerClient(sdkAccess(localAccess(inject("aws.endpoint"))));
  const secretOf = (password: string) =>
    JSON.stringify({ engine: "postgres", username: user, password, host, port, dbname });
  const secretId = `rds!${randomUUID()}`;
  await client.send(new CreateSecretCommand({ Name: secretId, SecretString: secretOf("one") }));
  const output = postgresOutput({ secretId });

  const open = await output.open(anOutputRange());
  await bench.query(`ALTER ROLE ${user} PASSWORD 'two'`);
  await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: secretOf("two") }));
  const besides = await output.open(anOutputRange({ partition: 4 }));
  await bench.query(`ALTER ROLE ${user} PASSWORD 'three'`);
  const refused = output.open(anOutputRange({ partition: 5 }));

  await expect(refused).rejects.toThrow(ConfigurationError);
  await Promise.all([open.close(), besides.close()]);
});

test("a secret that is missing is for somebody to change, one that nobody answers for is tried again", async () => {
  stubFunction();
  await expect(openOnce(postgresOutput({ secretId: "missing" }))).rejects.toThrow(ConfigurationError);

  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
  await expect(openOnce(postgresOutput({ secretId: "any" }))).rejects.toThrow(OutputUnavailableError);
});

test("a token of the function's role is the password", async () => {
  stubFunction();
  const now = new Date("2026-11-28T20:00:00Z");
  vi.useFakeTimers({ now, toFake: ["Date"] });
  const user = await createUser("none");
  const { host, port } = bench.settings;
  const token = signIamToken({ host, port, user, region: "us-east-1", credentials, now });
  await bench.query(`ALTER ROLE ${user} PASSWORD '${token}'`);
  const { database } = bench.settings;

  await openOnce(postgresOutput({ host, port, database, user, useIam: true }));
});

test("a host that is not this machine is entered by TLS, also with a token", async () => {
  stubFunction();
  const { postgresSettings } = await import("../../../functions/outputs/postgres/postgres-settings.ts");

  const settings = await postgresSettings({ host: "db.example", user: "orders", useIam: true })({ wereRefused: false });

  expect(settings).toMatchObject({ port: 5432, database: "postgres", ssl: { rejectUnauthorized: true } });
  expect(settings.password).toMatch(/^db\.example:5432\/\?Action=connect&DBUser=orders&X-Amz-/);
});
