import { expect, test } from "vitest";
import { createParamsEntry } from "../../../../functions/kafka-params/params-entry.ts";
import { createParamReader } from "../../../../functions/kafka-params/read-params.ts";
import type { Credentials } from "../../../../functions/kafka-params/sasl-settings.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import { type ParamReference, showReference } from "../../../../shared/wire/param-references/param-reference.ts";
import type { ParamsVariable } from "../../../../shared/wire/param-references/params-variable.ts";
import { pemOf } from "../../../support/key-stores/recorded-stores.ts";

const LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
const GIVEN = { bootstrapServers: ["b-1:9092"], isolationLevel: "read_committed" };

const byPassword: ParamsVariable = {
  params: {
    "kafka.security.protocol": ["SASL_PLAINTEXT"],
    "kafka.sasl.mechanism": ["PLAIN"],
    "kafka.sasl.jaas.config": [
      `${LOGIN} username="`,
      { secret: "orders", field: "user" },
      '" password="',
      { secret: "orders", field: "password" },
      '";',
    ],
  },
};

/** What is kept by name, and how often each was asked for. */
function open(
  variable: ParamsVariable,
  kept: Record<string, string | Error>,
  by: { readonly sasl?: Credentials; readonly saslMechanism?: string } = {},
) {
  const asked: string[] = [];
  const told: string[] = [];
  const fetch = async (reference: ParamReference) => {
    const name = showReference(reference);
    asked.push(name);
    const value = kept[name] ?? new ConfigurationError(`${name} cannot be read`);
    if (value instanceof Error) {
      throw value;
    }
    return Buffer.from(value);
  };
  const given = { ...GIVEN, ...by, note: (line: string) => void told.push(line) };
  return { asked, told, entry: createParamsEntry(variable, given, createParamReader(fetch)) };
}

const secretOf = (password: string) => ({ "secret orders": JSON.stringify({ user: "alice", password }) });

test("what is referred to is read once for all of it, and kept", async () => {
  const { asked, entry } = open(byPassword, secretOf("one"));

  const first = await entry({ wasRefused: false });

  expect(first.sasl).toEqual({ mechanism: "plain", username: "alice", password: "one" });
  expect(first.settingNames).toMatchObject({ credentials: "kafka.sasl.jaas.config" });
  expect(await entry({ wasRefused: false })).toBe(first);
  expect(asked).toEqual(["secret orders"]);
});

test("a whole file in a secret is told how certificates come with it, where it names a store", async () => {
  const whole = "security.protocol=SSL\nssl.truststore.location=truststore.jks\nssl.truststore.password=changeit";
  const { entry } = open({ params: {}, whole: { secret: "orders" } }, { "secret orders": whole });

  await expect(entry({ wasRefused: false })).rejects.toThrow(/give certificates in its place as PEM/);
});

test("it is read again where it was refused, and is another entry only where it has changed", async () => {
  const kept: Record<string, string> = secretOf("one");
  const { entry } = open(byPassword, kept);
  const first = await entry({ wasRefused: false });

  expect(await entry({ wasRefused: true })).toBe(first);
  Object.assign(kept, secretOf("two"));
  const second = await entry({ wasRefused: true });

  expect(second.sasl).toMatchObject({ password: "two" });
  expect(await entry({ wasRefused: false })).toBe(second);
});

test("PE2: an outage of where it is kept is nobody's fault, and over when it is over", async () => {
  const kept: Record<string, string | Error> = {
    "secret orders": new RangeReadError("secret orders cannot be read: 503"),
  };
  const { entry } = open(byPassword, kept);

  await expect(entry({ wasRefused: false })).rejects.toThrow(RangeReadError);
  Object.assign(kept, secretOf("one"));

  expect((await entry({ wasRefused: false })).sasl).toMatchObject({ password: "one" });
});

test.each([
  [
    "no object",
    "PLANTED",
    "kafka.sasl.jaas.config: user of secret orders cannot be read: the secret is no JSON object",
  ],
  ["without the field", '{"user":"PLANTED"}', "password of secret orders cannot be read: the secret has no such field"],
  ["with another login than a text", '{"user":"a","password":"PLANTED\\""}', "sasl.jaas.config is wrong at character"],
])("PE1: a secret that is %s is told without what it says", async (_, text, message) => {
  const { entry } = open(byPassword, { "secret orders": text });

  const error = await entry({ wasRefused: false }).then(() => undefined, String);

  expect(error).toContain(message);
  expect(error).not.toContain("PLANTED");
});

test("a store is what is kept, under its setting's name", async () => {
  const variable: ParamsVariable = {
    params: {
      "spring.kafka.properties.ssl.truststore.location": [{ bucket: "stores", key: "trusted.pem" }],
      "security.protocol": ["SSL"],
    },
  };
  const { entry } = open(variable, { "s3://stores/trusted.pem": pemOf(["root"]) });

  expect((await entry({ wasRefused: false })).ssl).toMatchObject({ ca: pemOf(["root"]).trim().concat("\n") });
});

test.each([
  [
    "properties",
    `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=${LOGIN} username=a password=b;\nclient.id=x\nisolation.level=read_committed\n`,
  ],
  [
    "JSON",
    JSON.stringify({
      "security.protocol": "SASL_PLAINTEXT",
      "sasl.mechanism": "PLAIN",
      "sasl.jaas.config": `${LOGIN} username=a password=b;`,
      "fetch.min.bytes": 7,
    }),
  ],
])("a secret may be a whole file of %s", async (_, text) => {
  const { entry } = open({ params: {}, whole: { secret: "whole" } }, { "secret whole": text });

  expect((await entry({ wasRefused: false })).sasl).toEqual({ mechanism: "plain", username: "a", password: "b" });
});

test.each([
  [
    "another isolation",
    "isolation.level=read_uncommitted",
    "isolation.level is refused, remove it: it is not what the pipeline's isolationLevel says",
  ],
  ["other brokers", "bootstrap.servers=PLANTED:1", "it names other brokers than the pipeline's bootstrapServers"],
  [
    "another protocol than the settings beside it",
    "security.protocol=SSL",
    "say different things of security.protocol",
  ],
  [
    "where something else is kept",
    `security.protocol=PLAINTEXT\nssl.key.password=\${secretsmanager:PLANTED:x}\nssl.truststore.location=s3://PLANTED/x`,
    "ssl.key.password, ssl.truststore.location of kafkaParamsSecret refers to another place",
  ],
  ["what nobody knows", "sasl.mechanisn=PLANTED", "sasl.mechanisn is not understood; was sasl.mechanism meant?"],
  [
    "a store of somebody's disk",
    "security.protocol=PLAINTEXT\nssl.truststore.location=/PLANTED",
    "PLAINTEXT uses no ssl.truststore.location",
  ],
])("a whole file that says %s is refused", async (_, text, message) => {
  const variable = { params: { "security.protocol": ["PLAINTEXT"] }, whole: { secret: "whole" } };
  const { entry } = open(variable, { "secret whole": text });

  const error = await entry({ wasRefused: false }).then(() => undefined, String);

  expect(error).toContain(message);
  expect(error).not.toContain("PLANTED");
});

test("what Spring reads in a form of its own is told by its name, as the rest is", async () => {
  const text = "spring.kafka.consumer.fetch-min-size=64KB\nspring.kafka.security.protocol=PLAINTEXT\n";
  const { told, entry } = open({ params: {}, whole: { secret: "whole" } }, { "secret whole": text });

  await entry({ wasRefused: false });

  expect(told).toEqual([expect.stringMatching(/say it: spring\.kafka\.consumer\.fetch-min-size$/)]);
});

test("what of a whole file is not used is told once, in one line and without a value", async () => {
  const text =
    "client.id=PLANTED\nfetch.min.bytes=7\ngroup.id=PLANTED\ncheck.crcs=false\nsecurity.protocol=PLAINTEXT\n";
  const { told, entry } = open({ params: {}, whole: { secret: "whole" } }, { "secret whole": text });

  await entry({ wasRefused: false });
  await entry({ wasRefused: true });

  expect(told).toEqual([
    expect.stringMatching(
      /^kafkaParamsSecret: not used, .* say it: client\.id, fetch\.min\.bytes; not used, .*: group\.id; .*: check\.crcs$/,
    ),
  ]);
});

const MSK_SASL = { saslMechanism: "AWS_MSK_IAM", sasl: async () => expect.fail("nobody signs") };

test.each([
  ["another mechanism", "sasl.mechanism=SCRAM-SHA-512"],
  ["a client of tokens", "sasl.oauthbearer.client.credentials.client.id=PLANTED"],
])("a whole file that says %s than the pipeline's sasl is refused", async (_, text) => {
  const variable = { params: { "security.protocol": ["SASL_SSL"] }, whole: { secret: "whole" } };

  const error = await open(variable, { "secret whole": text }, MSK_SASL)
    .entry({ wasRefused: false })
    .then(() => undefined, String);

  expect(error).toContain(`${text.split("=")[0]} of kafkaParamsSecret and sasl.mechanism AWS_MSK_IAM of the pipeline`);
  expect(error).not.toContain("PLANTED");
});

test("a role or a profile of somebody's is not what a function signs with", async () => {
  const variable: ParamsVariable = {
    params: {
      "security.protocol": ["SASL_SSL"],
      "sasl.mechanism": ["AWS_MSK_IAM"],
      "sasl.jaas.config": ["IAMLoginModule required awsRoleArn=x;"],
    },
  };

  await expect(open(variable, {}).entry({ wasRefused: false })).rejects.toThrow("a function signs with its own role");
});
