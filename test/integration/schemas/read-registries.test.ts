// `ranges read` with registries that ask who it is: Apicurio behind mutual TLS, by the settings of Confluent's client, and AWS
// Glue, by the credentials of whoever runs it.

import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import avsc from "avsc";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { type Apicurio, startApicurio } from "../../local/servers/apicurio.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { recorded, recordedStore } from "../../support/key-stores/recorded-stores.ts";
import { framedBy, registerSubject } from "../../support/schemas/registered-subjects.ts";
import { startTlsFront } from "../../support/schemas/tls-front.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const schema = JSON.stringify({ type: "record", name: "Read", fields: [{ name: "id", type: "long" }] });
const payload = avsc.Type.forSchema(JSON.parse(schema)).toBuffer({ id: 7 });

let folder: string;
let apicurio: Apicurio;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-registries-"));
  apicurio = await startApicurio({ folder });
  topics = await connectKafkaTopics(bootstrapServers);
}, 180_000);
afterAll(async () => {
  await topics?.close();
  await apicurio?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function aTopic(value: Buffer): Promise<readonly string[]> {
  const topic = await topics.create();
  await topics.produce(topic, [{ key: "a", value }]);
  return ["read", "--bootstrap-servers", bootstrapServers, "--range", `${topic}:0:0:1`];
}

async function fileOf(name: string, content: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test("Apicurio behind mutual TLS is asked with the key stores of schema.registry.ssl.*", async () => {
  const { certificates, keys } = recorded;
  const chain = `${certificates["broker"]}${certificates["intermediate"]}`;
  using front = await startTlsFront(apicurio.url, {
    ...{ cert: chain, key: keys["broker"] ?? "" },
    ca: `${certificates["root"]}${certificates["intermediate"]}`,
  });
  const id = await registerSubject(apicurio.url, "tls-value", { schema });
  const read = await aTopic(framedBy(id, payload));
  const registry = [
    "value.deserializer=io.confluent.kafka.serializers.KafkaAvroDeserializer",
    `schema.registry.url=${front.url}`,
    `schema.registry.ssl.truststore.location=${await fileOf("trust.jks", recordedStore("JKS trusting root").content)}`,
    "schema.registry.ssl.truststore.password=store-secret",
  ];
  const client = [
    `schema.registry.ssl.keystore.location=${await fileOf("key.p12", recordedStore("keytool, RSA").content)}`,
    "schema.registry.ssl.keystore.password=store-secret",
  ];

  const known = await runRanges([
    ...read,
    "--command-config",
    await fileOf("known.properties", [...registry, ...client].join("\n")),
  ]);
  const unknown = await runRanges([
    ...read,
    "--command-config",
    await fileOf("unknown.properties", registry.join("\n")),
  ]);

  expect(jsonLines(known.stdout)).toMatchObject([{ key: "a", value: { id: 7 } }]);
  expect(known.code).toBe(0);
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toContain("does not answer");
});

test("AWS Glue is asked in the region that is named, as whoever runs the command", async () => {
  const asked: object[] = [];
  const glue = createServer((request, response) => {
    const { authorization, "x-amz-target": target } = request.headers;
    text(request).then(
      (body) => {
        asked.push({ target, scope: authorization?.match(/[\w-]+\/glue\/aws4_request/)?.[0], ...JSON.parse(body) });
        response.end(JSON.stringify({ SchemaDefinition: schema, DataFormat: "AVRO" }));
      },
      () => response.destroy(),
    );
  });
  await once(glue.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    glue.closeAllConnections();
    glue.close();
  });
  const { port } = glue.address() as AddressInfo;
  const id = "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63";
  const frame = Buffer.concat([Buffer.from([3, 0]), Buffer.from(id.replaceAll("-", ""), "hex"), payload]);
  const read = await aTopic(frame);

  const result = await runRanges([...read, "--value-deserializer", "avro", "--glue-region", "eu-west-1"], {
    AWS_ENDPOINT_URL_GLUE: `http://127.0.0.1:${port}`,
  });

  expect(jsonLines(result.stdout)).toMatchObject([{ key: "a", value: { id: 7 } }]);
  expect(asked).toEqual([
    { target: "AWSGlue.GetSchemaVersion", scope: "eu-west-1/glue/aws4_request", SchemaVersionId: id },
  ]);
});
