// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.

// Kafka's own settings as a prop: what the template says of them, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { afterAll, expect, test } from "vitest";
import { readKafkaParams } from "../../../cdk/lib/kafka/params/read-kafka-params.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { LOCAL_BOOTSTRAP_SERVERS } from "../../../shared/wire/environment/local-context.ts";
import { pemOf, placeStore, recorded } from "../../support/key-stores/recorded-stores.ts";

const folder = mkdtempSync(join(tmpdir(), "kafka-params-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required";
const REFERRED = "username=\"${secretsmanager:orders:user}\" password='${secretsmanager:orders:password}';";

function aStack(context: object = {}): Stack {
  return new Stack(new App({ context: { "aws:cdk:bundling-stacks": [], ...context } }), "Test", {
    env: { account: "123456789012", region: "eu-west-1" },
  });
}

function aPipeline(stack: Stack, props: Partial<RangePipelineProps>): RangePipeline {
  return new RangePipeline(stack, "Orders", {
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...props,
  });
}

type Params = NonNullable<RangePipelineProps["kafkaParams"]>;
const SERVERS = { "bootstrap.servers": "b-1.example:9092" };

function refusal(kafkaParams: object, props: Partial<RangePipelineProps> = {}): string {
  try {
    aPipeline(aStack(), { kafkaParams: { ...SERVERS, ...kafkaParams } as Params, ...props });
  } catch (error) {
    return String(error);
  }
  return "";
}

/** Of both functions. */
function variables(stack: Stack): readonly Readonly<Record<string, unknown>>[] {
  const functions = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  return functions.map(({ Properties }) => Properties.Environment.Variables);
}

const paramsIn = (all: Readonly<Record<string, unknown>>) => JSON.parse(String(all["RANGES_KAFKA_PARAMS"]));

function statementsFor(stack: Stack, service: string) {
  const policies = Object.values(Template.fromStack(stack).findResources("AWS::IAM::Policy"));
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return statements.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith(service)));
}

test("settings as a Spark job has them travel by reference, and what other props say becomes theirs", () => {
  const stack = aStack();

  aPipeline(stack, {
    kafkaParams: {
      "kafka.bootstrap.servers": "b-1.example:9096,b-2.example:9096",
      "kafka.security.protocol": "SASL_SSL",
      "kafka.sasl.mechanism": "SCRAM-SHA-512",
      "kafka.sasl.jaas.config": `${SCRAM} ${REFERRED}`,
      "kafka.client.id": "billing",
      "kafka.client.rack": "euw1-az1",
      "kafka.isolation.level": "read_uncommitted",
      "kafka.auto.offset.reset": "latest",
      "kafka.request.timeout.ms": 20_000,
      "kafka.max.partition.fetch.bytes": "2097152",
      "kafka.group.id": "orders",
      "kafka.enable.auto.commit": true,
    },
  });

  const both = variables(stack);
  expect(both).toHaveLength(2);
  for (const all of both) {
    expect(all).toMatchObject({
      RANGES_BOOTSTRAP_SERVERS: "b-1.example:9096,b-2.example:9096",
      RANGES_CLIENT_ID: "billing",
      RANGES_ISOLATION_LEVEL: "read_uncommitted",
    });
    expect(all).not.toHaveProperty("RANGES_SECURITY_PROTOCOL");
    expect(paramsIn(all)).toEqual({
      params: {
        "kafka.security.protocol": ["SASL_SSL"],
        "kafka.sasl.mechanism": ["SCRAM-SHA-512"],
        "kafka.sasl.jaas.config": [
          `${SCRAM} username="`,
          { secret: "orders", field: "user" },
          "\" password='",
          { secret: "orders", field: "password" },
          "';",
        ],
      },
      fetching: { requestTimeoutMs: 20_000, fetchMaxBytes: 2_097_152 },
    });
  }
  expect(both).toContainEqual(expect.objectContaining({ RANGES_STARTING_OFFSETS: "latest" }));
  expect(both).toContainEqual(expect.objectContaining({ RANGES_RACK_ID: "euw1-az1" }));
  const told = Annotations.fromStack(stack);
  told.hasInfo("/Test/Orders", Match.stringLikeRegexp("kafka\\.enable\\.auto\\.commit=true is overridden by false"));
  told.hasInfo("/Test/Orders", Match.stringLikeRegexp("not used, since no consumer group.*: kafka\\.group\\.id"));
});

test("each function may read exactly what the settings refer to, with the keys that are known", () => {
  const stack = aStack();
  const encryptionKey = new Key(stack, "Key");
  const kept = new Secret(stack, "Kept", { encryptionKey }) as ISecret;
  const parameter = StringParameter.fromSecureStringParameterAttributes(stack, "Parameter", {
    parameterName: "/orders/key-password",
  });
  const bucket = Bucket.fromBucketName(stack, "Bucket", "orders-stores");

  aPipeline(stack, {
    kafkaParams: {
      ...SERVERS,
      "security.protocol": "SASL_SSL",
      "ssl.truststore.location": "s3://certificates/deep/trust store.jks",
      "ssl.keystore.location": { bucket, key: "client.p12" },
      "ssl.keystore.password": { secret: kept, field: "password" },
      "ssl.key.password": { parameter },
      "sasl.mechanism": "SCRAM-SHA-256",
      "sasl.jaas.config": `${SCRAM} username=alice password="\${ssm::/orders/password}";`,
      "ssl.truststore.password":
        "${secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:trust-AbCdEf:password}",
    },
  });

  const resources = (service: string) =>
    statementsFor(stack, service).map(({ Action, Resource }) => [Action, Resource] as const);
  const twice = <Item>(items: readonly Item[]) => [...items, ...items];
  const ssm = (name: string) => arnOf("ssm", `parameter/${name}`);
  expect(resources("ssm:")).toEqual(expect.arrayContaining(twice([["ssm:GetParameter", ssm("orders/password")]])));
  expect(JSON.stringify(resources("ssm:"))).toContain("parameter/orders/key-password");
  expect(resources("s3:")).toHaveLength(4);
  expect(JSON.stringify(resources("s3:"))).toContain(":s3:::certificates/deep/trust store.jks");
  expect(JSON.stringify(resources("s3:"))).toContain(":s3:::orders-stores/client.p12");
  const secrets = JSON.stringify(resources("secretsmanager:"));
  expect(secrets).toContain("arn:aws:secretsmanager:us-east-1:123456789012:secret:trust-AbCdEf");
  expect(secrets).toContain('{"Ref":"Kept');
  expect(secrets).not.toContain("Describe");
  expect(resources("kms:")).toHaveLength(2);
});

function arnOf(service: string, rest: string) {
  return { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:${service}:eu-west-1:123456789012:${rest}`]] };
}

test.each<[string, object, string]>([
  [
    "a password of a store",
    { "ssl.truststore.password": "PLANTED" },
    "ssl.truststore.password would stand in the template in clear",
  ],
  ["a key", { "ssl.keystore.key": "-----BEGIN PLANTED" }, "ssl.keystore.key would stand"],
  [
    "a password within a login",
    { "sasl.jaas.config": `${SCRAM} username="alice" password="PLANTED";` },
    "password of sasl.jaas.config would stand",
  ],
  [
    "a part of a password",
    { "spring.kafka.properties.sasl.jaas.config": `${SCRAM} username="alice" password="PLANTED\${ssm::/rest}";` },
    "password of spring.kafka.properties.sasl.jaas.config would stand",
  ],
  [
    "a secret of a client",
    { "sasl.oauthbearer.client.credentials.client.secret": "PLANTED" },
    "client.secret would stand",
  ],
])("%s in clear is refused with what to do, and not quoted", (_, params, message) => {
  const refused = refusal({ "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", ...params });

  expect(refused).toContain(message);
  expect(refused).toContain("put it into a secret and refer to that: { secret, field }");
  expect(refused).not.toContain("PLANTED");
});

const KEY_FILE = join(folder, "client.pem");
writeFileSync(KEY_FILE, (recorded.keys["client"] ?? "") + pemOf(["client"]));
const NO_STORE = join(folder, "notes.txt");
writeFileSync(NO_STORE, "no store");
const SSL = { "security.protocol": "SSL" };

test.each<[string, object, Partial<RangePipelineProps>, string]>([
  [
    "an unknown name",
    { "kafka.bootstrap.server": "x:1" },
    {},
    "kafka.bootstrap.server is not understood; was bootstrap.servers meant?",
  ],
  [
    "what only Java has",
    { "ssl.engine.factory.class": "x" },
    {},
    "ssl.engine.factory.class is refused: no class of Java runs here",
  ],
  [
    "other brokers than the prop's",
    {},
    { bootstrapServers: ["b-2.example:9092"] },
    "it names other brokers than bootstrapServers",
  ],
  [
    "another name than the prop's",
    { "client.id": "a" },
    { clientId: "b" },
    "client.id is a, and the prop clientId says b",
  ],
  [
    "another isolation",
    { "isolation.level": "read_committed" },
    { isolationLevel: "read_uncommitted" },
    "it is not what isolationLevel says",
  ],
  ["another rack", { "client.rack": "a" }, { rackId: "b" }, "client.rack is a, and the prop rackId says b"],
  [
    "another protocol",
    SSL,
    { securityProtocol: "PLAINTEXT" },
    "security.protocol is SSL, and the prop securityProtocol says PLAINTEXT",
  ],
  [
    "another start",
    { "auto.offset.reset": "latest" },
    { startingOffsets: "earliest" },
    "auto.offset.reset is latest, and the prop startingOffsets says earliest",
  ],
  ["no start", { "auto.offset.reset": "none" }, {}, "a start has to be given"],
  ["a start that moves", { "auto.offset.reset": "by_duration:PT1H" }, {}, "give startingTimestamp"],
  [
    "a store that is not there",
    { ...SSL, "ssl.truststore.location": "/nowhere/t.jks" },
    {},
    'ssl.truststore.location "/nowhere/t.jks" is no file here',
  ],
  ["a store that is none", { ...SSL, "ssl.truststore.location": NO_STORE }, {}, "is no store of a known type"],
  [
    "a provider of Kafka's own",
    { ...SSL, "ssl.truststore.password": "${file:/etc/x:y}" },
    {},
    'refers to "${file:/etc/x:y}", which is not understood',
  ],
  ["a variable of Spring's", { ...SSL, "ssl.truststore.password": "${PASSWORD}" }, {}, "names no provider"],
  [
    "a reference for what is needed at once",
    { "client.id": "${ssm::/x}" },
    {},
    "client.id has to be known where the app is synthesized",
  ],
  ["a list", { "bootstrap.servers": ["x:1"] }, {}, "choose a text, a number, true, false, { secret, field }"],
  [
    "a mechanism that nobody has",
    { "security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI" },
    {},
    'sasl.mechanism "GSSAPI" is not PLAIN',
  ],
  ["settings that the protocol does not use", { "ssl.truststore.location": NO_STORE }, {}, "is no store"],
  [
    "MSK's IAM without its cluster",
    { "security.protocol": "SASL_SSL", "sasl.mechanism": "AWS_MSK_IAM" },
    {},
    'give sasl: { mechanism: "AWS_MSK_IAM", clusterArn }',
  ],
  [
    "brokers of another protocol",
    { ...SSL, "bootstrap.servers": "SASL_SSL://b:1" },
    {},
    "says SASL_SSL, but the security protocol is SSL",
  ],
])("refuses %s", (_, params, props, message) => {
  expect(refusal(params, props)).toContain(message);
});

test("FI1: a private key in clear is not deployed with the code", () => {
  expect(refusal({ ...SSL, "ssl.keystore.location": KEY_FILE })).toContain("holds a private key in clear");
});

test("settings that are refused for something else have named the brokers all the same", () => {
  expect(refusal({ "client.idd": "x" })).not.toContain("bootstrapServers is not set");
  expect(() => aPipeline(aStack(), {})).toThrow("bootstrapServers is not set");
});

test("all that is wrong is told at once", () => {
  const refused = refusal({ "client.idd": "x", "ssl.provider": "y", "bootstrap.servers": { no: 1 } });

  expect(refused).toContain("client.idd is not understood");
  expect(refused).toContain("ssl.provider is refused");
  expect(refused).toContain("bootstrap.servers is");
});

test("without brokers anywhere it says which prop is missing", () => {
  expect(() => aPipeline(aStack(), {})).toThrow("bootstrapServers is not set");
});

test("the file of a Java service goes in without a renamed key, its config providers included", () => {
  const file = join(folder, "consumer.properties");
  writeFileSync(
    file,
    `bootstrap.servers=b-1.example:9094
security.protocol=SASL_SSL
sasl.mechanism=OAUTHBEARER
sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
sasl.oauthbearer.token.endpoint.url=https://login.example/oauth2/token
sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \\
  clientId="orders" clientSecret="\${aws:orders:secret}";
config.providers=aws
config.providers.aws.class=com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider
config.providers.aws.param.region=us-west-2
group.id=orders
key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
value.deserializer=org.apache.kafka.common.serialization.ByteArrayDeserializer
`,
  );
  const stack = aStack();

  aPipeline(stack, { kafkaParams: readKafkaParams(file) });

  const [all = {}] = variables(stack);
  expect(paramsIn(all).params["sasl.jaas.config"]).toContainEqual({
    secret: "orders",
    field: "secret",
    region: "us-west-2",
  });
  expect(() => readKafkaParams(join(folder, "none"))).toThrow("cannot be read");
});

test("a user's secret by the prop sasl goes with a private authority by the settings", async () => {
  const stack = aStack();
  const secret = Secret.fromSecretNameV2(stack, "Secret", "AmazonMSK_orders");
  const truststore = await placeStore(folder, "JKS trusting root");

  aPipeline(stack, {
    sasl: { mechanism: "SCRAM-SHA-512", secret },
    kafkaParams: { ...SERVERS, "sasl.mechanism": "SCRAM-SHA-512", "ssl.truststore.location": truststore },
  });

  const [all = {}] = variables(stack);
  expect(all).toMatchObject({ RANGES_SASL_MECHANISM: "SCRAM-SHA-512" });
  expect(paramsIn(all).params).toEqual({
    "security.protocol": ["SASL_SSL"],
    "ssl.truststore.location": [{ file: expect.stringMatching(/^kafka-params-[0-9a-f]{16}$/) }],
  });
});

test("a secret that is a whole file is referred to, and readable", () => {
  const stack = aStack();
  const kafkaParamsSecret = new Secret(stack, "Whole") as ISecret;

  aPipeline(stack, { bootstrapServers: ["b-1.example:9092"], kafkaParamsSecret });

  expect(statementsFor(stack, "secretsmanager:")).toHaveLength(2);
  expect(JSON.stringify(variables(stack)[0]?.["RANGES_KAFKA_PARAMS"])).toContain("whole");
});

test("on a local endpoint an app with such settings is synthesized without the cluster's", async () => {
  const stack = aStack({ [LOCAL_BOOTSTRAP_SERVERS]: "127.0.0.1:9092" });

  aPipeline(stack, {
    kafkaParamsSecret: new Secret(stack, "Whole") as ISecret,
    kafkaParams: {
      ...SERVERS,
      "security.protocol": "SSL",
      "ssl.truststore.location": await placeStore(folder, "PKCS12 trusting root"),
      "ssl.truststore.password": "${ssm::/password}",
      "auto.offset.reset": "latest",
      "fetch.min.bytes": "7",
    },
  });

  for (const all of variables(stack)) {
    expect(all).toMatchObject({ RANGES_BOOTSTRAP_SERVERS: "127.0.0.1:9092", RANGES_SECURITY_PROTOCOL: "PLAINTEXT" });
    expect(all).not.toHaveProperty("RANGES_KAFKA_PARAMS");
  }
  expect(variables(stack)).toContainEqual(expect.objectContaining({ RANGES_STARTING_OFFSETS: "latest" }));
});
