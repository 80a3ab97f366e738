// What a file for a command refers to, on a real endpoint: what is kept there is taken, and
// what cannot be read is told with its setting, its reference, and what to do about it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { readCommandConfig } from "../../../functions/cli/options/command-config.ts";
import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import { LOCAL_AWS } from "../../support/cli/run-ranges.ts";
import { openLocalValues } from "../../support/deployed/local-values.ts";
import { pemOf } from "../../support/key-stores/recorded-stores.ts";

const endpoint = inject("aws.endpoint");
const values = openLocalValues(endpoint);
const folder = mkdtempSync(join(tmpdir(), "command-references-"));
const id = crypto.randomUUID();
const LOGIN = `security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
kafka.sasl.jaas.config=a.b.PlainLoginModule required`;

let bucket: string;

beforeAll(async () => {
  await values.putSecret(`login-${id}`, JSON.stringify({ user: "alice", password: "PLANTED" }));
  await values.putSecret(`text-${id}`, "PLANTED");
  await values.putParameter(`/login/${id}`, "PLANTED");
  bucket = await values.putObject(`${id}/trusted.pem`, Buffer.from(pemOf(["root"])));
});

beforeEach(() => {
  for (const [name, value] of Object.entries({ ...LOCAL_AWS, AWS_ENDPOINT_URL: endpoint })) {
    vi.stubEnv(name, value);
  }
  return () => vi.unstubAllEnvs();
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, "client.properties");
  writeFileSync(path, text);
  return readCommandConfig(path, { bootstrapServers: ["b-1:9092"], note: () => undefined });
}

test.each([
  ["a field of a secret", `\${secretsmanager:login-${id}:user}`, `\${secretsmanager:login-${id}:password}`],
  ["a parameter", "alice", `\${ssm::/login/${id}}`],
  ["a whole secret, in a region of its own by its ARN", "alice", `\${secretsmanager:ARN:secret:text-${id}}`],
  ["a provider by another name, and in a region", "alice", `\${other:login-${id}:password}`],
])("a login by %s", async (_, user, password) => {
  const arn = password.replace("ARN", "arn:aws:secretsmanager:us-east-1:000000000000");
  const providers =
    "config.providers=other\nconfig.providers.other.class=com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider\nconfig.providers.other.param.region=us-east-1";

  const { sasl } = await read(`${providers}\n${LOGIN} username="${user}" password="${arn}";`);

  expect(sasl).toEqual({ mechanism: "plain", username: "alice", password: "PLANTED" });
});

test.each([
  ["its address", () => `s3://${bucket}/${id}/trusted.pem`],
  ["AWS's provider", () => `\${s3import:us-east-1:${bucket}/${id}/trusted.pem}`],
])("a store of keys by %s", async (_, address) => {
  const { ssl } = await read(`security.protocol=SSL\nssl.truststore.location=${address()}`);

  expect(ssl).toMatchObject({ ca: pemOf(["root"]).trim().concat("\n") });
});

const MISSING = `cannot be read: it does not exist for these credentials in us-east-1 (${endpoint}); check the reference`;

test.each([
  [
    "a secret that is missing",
    `${LOGIN} username=a password="\${secretsmanager:no-${id}:p}";`,
    `secret no-${id} ${MISSING}`,
  ],
  [
    "a parameter that is missing",
    `${LOGIN} username=a password="\${ssm::/no/${id}}";`,
    `parameter /no/${id} ${MISSING}`,
  ],
  [
    "a field that is missing",
    `${LOGIN} username=a password="\${secretsmanager:login-${id}:pasword}";`,
    `pasword of secret login-${id} cannot be read: the secret has no such field with a text in it`,
  ],
  [
    "a field of a text",
    `${LOGIN} username=a password="\${secretsmanager:text-${id}:password}";`,
    `password of secret text-${id} cannot be read: the secret is no JSON object`,
  ],
])("%s is told by setting and reference, and nothing of what is kept", async (_, text, message) => {
  const error: unknown = await read(text).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).toContain(`client.properties: kafka.sasl.jaas.config: ${message}`);
  expect(String(error)).not.toContain("PLANTED");
});

test("an object that is missing is told as well", async () => {
  const text = `security.protocol=SSL\nssl.keystore.location=s3://${bucket}/${id}/no.jks`;

  await expect(read(text)).rejects.toThrow(
    `client.properties: ssl.keystore.location: s3://${bucket}/${id}/no.jks ${MISSING}`,
  );
});

test.each([
  ["no region", { AWS_REGION: "" }, ConfigurationError, "no AWS region"],
  ["no credentials", { AWS_ACCESS_KEY_ID: "" }, ConfigurationError, "no AWS credentials"],
  [
    "nobody who answers",
    { AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1" },
    RangeReadError,
    "AWS does not answer at http://127.0.0.1:1 (ECONNREFUSED); check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_REGION, and the network",
  ],
])("%s is told with what to do, before anything is connected to", async (_, variables, kind, message) => {
  const nowhere = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  for (const [name, value] of Object.entries({ ...nowhere, ...variables })) {
    vi.stubEnv(name, value);
  }

  const error: unknown = await read(`${LOGIN} username=a password="\${secretsmanager:login-${id}:password}";`).catch(
    (reason: unknown) => reason,
  );

  expect(error).toBeInstanceOf(kind);
  expect(String(error)).toContain(
    `client.properties: kafka.sasl.jaas.config: secret login-${id} cannot be read: ${message}`,
  );
});
