// The deserializers against a real registry: Apicurio, by the API that it shares with Confluent's.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avsc from "avsc";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { confluentRegistry } from "../../../functions/deserializers/confluent-registry.ts";
import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import { recordsOf } from "../../../functions/testing/records-of.ts";
import { runRange } from "../../../functions/testing/run-range.ts";
import { SchemaRegistryError, UndecodableError } from "../../../shared/core/decode/decode-errors.ts";
import { put } from "../../../shared/dynamodb/outputs/plain-outputs.ts";
import { avro } from "../../../shared/schemas/avro/avro-deserializer.ts";
import { jsonSchema } from "../../../shared/schemas/json-schema/json-schema-deserializer.ts";
import { protobuf } from "../../../shared/schemas/protobuf/protobuf-deserializer.ts";
import { type Apicurio, startApicurio } from "../../local/servers/apicurio.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { aPart } from "../../support/schemas/memory-registry.ts";
import { framedBy, registerSubject, type Subject } from "../../support/schemas/registered-subjects.ts";

/** The version of a GUID, and a GUID. */
const GUID_FRAME = Buffer.from("0142479af4853a476788d621c7080bf8bd", "hex");

let folder: string;
let apicurio: Apicurio;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "apicurio-"));
  apicurio = await startApicurio({ folder });
});

afterAll(async () => {
  await apicurio?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Its id. */
const register = (subject: string, body: Subject) => registerSubject(apicurio.url, subject, body);

const record = (name: string, fields: readonly object[]) => JSON.stringify({ type: "record", name, fields });

test("Avro with references, read by an older reader's schema and by none", async () => {
  const line = record("Line", [{ name: "sku", type: "string" }]);
  const order = record("Order", [
    { name: "id", type: "long" },
    { name: "line", type: "Line" },
  ]);
  await register("line", { schema: line });
  const id = await register("orders-value", {
    schema: order,
    references: [{ name: "Line", subject: "line", version: 1 }],
  });
  const registry = confluentRegistry({ url: apicurio.url });
  const types = {};
  avsc.Type.forSchema(JSON.parse(line), { registry: types });
  const written = avsc.Type.forSchema(JSON.parse(order), { registry: types }).toBuffer({ id: 7, line: { sku: "a" } });

  const whole = await avro({ registry }).deserialize(framedBy(id, written), aPart());
  const readerSchema = record("Order", [
    { name: "id", type: "double" },
    { name: "note", type: "string", default: "none" },
  ]);
  const older = await avro({ registry, readerSchema }).deserialize(framedBy(id, written), aPart());

  expect(whole).toEqual({ id: 7n, line: { sku: "a" } });
  expect(older).toEqual({ id: 7, note: "none" });
});

test("Protobuf with an import, and a nested message", async () => {
  await register("line.proto", {
    schemaType: "PROTOBUF",
    schema: 'syntax = "proto3"; package shop; message Line { string sku = 1; }',
  });
  const id = await register("lines-value", {
    schemaType: "PROTOBUF",
    schema: `syntax = "proto3"; package shop; import "line.proto";
      message Order { message Part { Line line = 1; int64 count = 2; } Part part = 1; }`,
    references: [{ name: "line.proto", subject: "line.proto", version: 1 }],
  });
  const registry = confluentRegistry({ url: apicurio.url });

  const part = await protobuf({ registry }).deserialize(
    framedBy(id, Buffer.from("0a030a01611007", "hex"), [4, 0, 0]),
    aPart(),
  );

  expect(part).toEqual({ line: { sku: "a" }, count: 7n });
});

test("JSON Schema refuses what its schema does", async () => {
  const schema = JSON.parse(await readFile("test/vectors/schemas/order.schema.json", "utf8"));
  const id = await register("json-value", { schemaType: "JSON", schema: JSON.stringify(schema) });
  const deserializer = jsonSchema({ registry: confluentRegistry({ url: apicurio.url }) });

  expect(await deserializer.deserialize(framedBy(id, Buffer.from('{"id":7}')), aPart())).toEqual({ id: 7 });
  expect(() => deserializer.deserialize(framedBy(id, Buffer.from('{"id":"7"}')), aPart())).toThrow(UndecodableError);
});

test("an id that the registry does not know is the record's fault, a path or an API that it lacks is not", async () => {
  const deserializer = avro({ registry: confluentRegistry({ url: apicurio.url }) });

  await expect(deserializer.deserialize(framedBy(999_999, Buffer.from([2])), aPart())).rejects.toThrow(
    UndecodableError,
  );
  const elsewhere = avro({ registry: confluentRegistry({ url: apicurio.url.replace("ccompat", "nowhere") }) });
  await expect(elsewhere.deserialize(framedBy(1, Buffer.from([2])), aPart())).rejects.toThrow(SchemaRegistryError);
  await expect(elsewhere.deserialize(GUID_FRAME, aPart())).rejects.toThrow(SchemaRegistryError);
});

test("DCR1: bytes that look like a GUID, or like an id that no registry gives, reject their records and no other", async () => {
  const id = await register("garbage-value", { schema: record("Good", [{ name: "id", type: "int" }]) });
  const registry = confluentRegistry({ url: apicurio.url });
  const good = framedBy(id, Buffer.from([14]));
  const header = { key: "__value_schema_id", value: GUID_FRAME };
  const handler = createRangeProcessor({
    process: (range) =>
      range
        .decoded({ value: avro<object>({ registry }) })
        .writeEach(({ value, offset }) => put("goods", { offset: String(offset), ...value })),
  });

  const { status, rejected, tables } = await runRange(handler, {
    records: recordsOf([
      { value: good },
      { value: Buffer.concat([GUID_FRAME, Buffer.from([2])]) },
      { value: good, headers: [header] },
      { value: framedBy(2 ** 31, Buffer.from([14])) },
      { value: Buffer.from("00ffffffffff", "hex") },
      { value: good },
    ]),
    tables: { goods: { key: "offset" } },
  });

  expect(status).toBe("completed");
  expect(rejected.map(({ offset }) => offset)).toEqual([1n, 2n, 3n, 4n]);
  expect(tables["goods"]).toEqual([
    { offset: "0", id: 7 },
    { offset: "5", id: 7 },
  ]);
});

test("GUR2: a proxy that answers 404 to everything is an outage, and rejects nothing", async () => {
  const proxy = createServer((_, response) => response.writeHead(404).end("<html>"));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const deserializer = avro({ registry: confluentRegistry({ url: `http://127.0.0.1:${port}/apis/ccompat/v7` }) });

  await expect(deserializer.deserialize(GUID_FRAME, aPart())).rejects.toThrow(SchemaRegistryError);
  await expect(deserializer.deserialize(framedBy(1, Buffer.from([2])), aPart())).rejects.toThrow(SchemaRegistryError);

  proxy.closeAllConnections();
  proxy.close();
});

test("UNS1: a schema that is registered while its record waits costs the record nothing", async () => {
  const before = await register("before-value", { schema: record("Before", []) });
  const deserializer = avro({ registry: confluentRegistry({ url: apicurio.url }) });

  const decoded = deserializer.deserialize(framedBy(before + 1, Buffer.from([14])), aPart());
  const id = await register("late-value", { schema: record("Late", [{ name: "id", type: "int" }]) });

  expect(id).toBe(before + 1);
  expect(await decoded).toEqual({ id: 7 });
});

test("ranges read prints decoded values, by its options and by Confluent's own settings", async () => {
  const id = await register("read-value", { schema: record("Read", [{ name: "id", type: "long" }]) });
  const topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  const topic = await topics.create({ partitions: 1 });
  await topics.produce(topic, [
    { key: "a", value: framedBy(id, Buffer.from("8280808080808020", "hex")) },
    { key: "b", value: "no Avro" },
    { key: null, value: null },
  ]);
  await topics.close();
  const settings = join(folder, "consumer.properties");
  await writeFile(
    settings,
    [
      "key.deserializer=org.apache.kafka.common.serialization.StringDeserializer",
      "value.deserializer=io.confluent.kafka.serializers.KafkaAvroDeserializer",
      `schema.registry.url=${apicurio.url}`,
    ].join("\n"),
  );
  const read = ["read", "--bootstrap-servers", inject("kafka.bootstrapServers"), "--range", `${topic}:0:0:3`];

  const byOptions = await runRanges([...read, "--value-deserializer", "avro", "--schema-registry-url", apicurio.url]);
  const byFile = await runRanges([...read, "--command-config", settings]);

  expect(byOptions.stdout).toContain('"value":{"id":9007199254740993}');
  expect(jsonLines(byOptions.stdout)).toMatchObject([
    { key: "a", offset: "0" },
    { key: "b", value: "no Avro", undecodable: { value: expect.stringContaining("its first byte is 110") } },
    { key: null, value: null },
  ]);
  expect(JSON.parse(byOptions.stderr)).toMatchObject({ delivered: 3, undecodable: 1 });
  expect({ ...byFile, stderr: "" }).toEqual({ ...byOptions, stderr: "" });
});
