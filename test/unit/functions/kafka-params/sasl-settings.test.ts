import { afterEach, expect, test, vi } from "vitest";
import { saslOf } from "../../../../functions/kafka-params/sasl-settings.ts";
import { signBySdk } from "../../../../functions/kafka-params/sdk-login.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { paramsOf } from "../../../support/builders/params-of.ts";

const settings = (mechanism: string, jaas: string, more: Readonly<Record<string, string>> = {}) =>
  paramsOf({ "sasl.mechanism": mechanism, "sasl.jaas.config": jaas, ...more });
const read = (...values: Parameters<typeof settings>) =>
  saslOf(
    settings(...values),
    signBySdk(() => undefined),
  );

const CLIENT = "sasl.client.callback.handler.class";
const LOGIN = "sasl.login.callback.handler.class";
const MSK = "software.amazon.msk.auth.iam";
const URL = "sasl.oauthbearer.token.endpoint.url";
const URLENCODE = "sasl.oauthbearer.header.urlencode";
const CREDENTIALS = "OAuthBearerLoginModule required clientId=a clientSecret=PLANTED;";

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ["PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule", "plain"],
  ["PLAIN", "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule", "plain"],
  ["PLAIN", "com.example.OurLoginModule", "plain"],
  ["SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule", "scram-sha-256"],
  ["SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule", "scram-sha-512"],
])("%s with %s", (mechanism, module, ours) => {
  expect(read(mechanism, `${module} required username='a b' password="c;d'";`)).toEqual({
    mechanism: ours,
    username: "a b",
    password: "c;d'",
  });
});

test.each([
  [
    "AWS's own lines",
    "AWS_MSK_IAM",
    `${MSK}.IAMLoginModule required;`,
    { [CLIENT]: `${MSK}.IAMClientCallbackHandler` },
  ],
  [
    "AWS's lines for OAUTHBEARER",
    "OAUTHBEARER",
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required awsProfileName=x;",
    { [LOGIN]: `${MSK}.IAMOAuthBearerLoginCallbackHandler`, [CLIENT]: `${MSK}.IAMOAuthBearerLoginCallbackHandler` },
  ],
  ["a profile", "AWS_MSK_IAM", `${MSK}.IAMLoginModule required awsProfileName="admin";`, {}],
  ["a role", "AWS_MSK_IAM", `${MSK}.IAMLoginModule required awsRoleArn="arn" awsStsRegion=eu-west-1;`, {}],
])("MSK's IAM by %s", (_, mechanism, jaas, more) => {
  vi.stubEnv("AWS_REGION", "eu-central-1");

  expect(read(mechanism, jaas, more)).toBeTypeOf("function");
});

test("what only tunes Java's library is named once", () => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  const notes: string[] = [];

  saslOf(
    settings("AWS_MSK_IAM", "IAMLoginModule required awsMaxRetries=7;"),
    signBySdk((line) => void notes.push(line)),
  );

  expect(notes).toEqual([expect.stringMatching(/^not used.*awsMaxRetries of sasl\.jaas\.config$/)]);
});

test.each([
  ["GSSAPI", "M required;", {}, 'sasl.mechanism "GSSAPI" is not PLAIN, SCRAM-SHA-256'],
  ["plain", "PlainLoginModule required;", {}, 'sasl.mechanism "plain" is not PLAIN'],
  ["PLAIN", "PlainLoginModule required password=PLANTED;", {}, "names no username and password"],
  [
    "PLAIN",
    "PlainLoginModule required username=a password=PLANTED; M required;",
    {},
    "holds 2 login modules; Kafka takes one",
  ],
  [
    "PLAIN",
    "PlainLoginModule required username=a password=b PLANTED=c;",
    {},
    "option 3 of sasl.jaas.config is not taken",
  ],
  [
    "PLAIN",
    "PlainLoginModule required awsRoleArn=PLANTED;",
    {},
    "awsRoleArn of sasl.jaas.config is not taken with PLAIN",
  ],
  ["SCRAM-SHA-512", "ScramLoginModule required tokenauth=true;", {}, "tokenauth of sasl.jaas.config is not taken"],
  [
    "SCRAM-SHA-512",
    "PlainLoginModule required;",
    {},
    "SCRAM-SHA-512 needs ScramLoginModule; sasl.jaas.config names PlainLoginModule",
  ],
  ["PLAIN", "PlainLoginModule required;", { [CLIENT]: "com.example.Handler" }, `${CLIENT} is not taken with`],
  ["AWS_MSK_IAM", "IAMLoginModule required;", { [CLIENT]: "com.example.Handler" }, "; IAMClientCallbackHandler is"],
  ["AWS_MSK_IAM", "IAMLoginModule required;", { [LOGIN]: "com.example.Handler" }, `${LOGIN} is not taken with`],
  [
    "OAUTHBEARER",
    "OAuthBearerLoginModule required;",
    {},
    "needs sasl.oauthbearer.client.credentials.client.id, or clientId",
  ],
  [
    "OAUTHBEARER",
    "OAuthBearerLoginModule required clientId=a;",
    {},
    "client.credentials.client.secret, or clientSecret",
  ],
  [
    "OAUTHBEARER",
    "OAuthBearerLoginModule required clientId=a clientSecret=PLANTED;",
    {},
    "needs sasl.oauthbearer.token.endpoint.url",
  ],
  ["OAUTHBEARER", CREDENTIALS, { [URL]: "file:///t" }, 'url "file:///t" is not a URL of http or https'],
  ["OAUTHBEARER", CREDENTIALS, { [URL]: "http://a:PLANTED@b/t" }, "has a user in it: give the client by"],
  [
    "OAUTHBEARER",
    `${CREDENTIALS.slice(0, -1)} extension_auth=x;`,
    { [URL]: "http://b" },
    "a name is of letters and not auth",
  ],
  [
    "OAUTHBEARER",
    `${CREDENTIALS.slice(0, -1)} PLANTED=x;`,
    { [URL]: "http://b" },
    "option 3 of sasl.jaas.config is not taken",
  ],
  ["OAUTHBEARER", CREDENTIALS, { [URL]: "http://b", [URLENCODE]: "maybe" }, `${URLENCODE} is neither true nor false`],
  [
    "OAUTHBEARER",
    CREDENTIALS,
    { [URL]: "http://b", [LOGIN]: "com.example.Handler" },
    "OAuthBearerLoginCallbackHandler is",
  ],
  [
    "PLAIN",
    "PlainLoginModule required username=a password=b;",
    { [URL]: "http://b" },
    `PLAIN uses no ${URL}; remove them`,
  ],
  ["AWS_MSK_IAM", "IAMLoginModule required awsProfileName=a awsRoleArn=b;", {}, "cannot be combined"],
  [
    "AWS_MSK_IAM",
    "IAMLoginModule required awsRoleSessionName=b;",
    {},
    "awsRoleSessionName of sasl.jaas.config belong to awsRoleArn",
  ],
  [
    "AWS_MSK_IAM",
    "IAMLoginModule required awsRoleArn=a awsRoleSecretAccessKey=PLANTED;",
    {},
    "awsRoleAccessKeyId and awsRoleSecretAccessKey of sasl.jaas.config belong together",
  ],
])("refuses %s with %s and %j", (mechanism, jaas, more, message) => {
  vi.stubEnv("AWS_REGION", "eu-central-1");

  expect(() => read(mechanism, jaas, more)).toThrow(ConfigurationError);
  expect(() => read(mechanism, jaas, more)).toThrow(message);
  expect(() => read(mechanism, jaas, more)).not.toThrow("PLANTED");
});

test("a mechanism that is not given is Kafka's default, which is not taken", () => {
  expect(() =>
    saslOf(
      paramsOf({}),
      signBySdk(() => undefined),
    ),
  ).toThrow("sasl.mechanism is not given, and Kafka's default GSSAPI is not");
});
