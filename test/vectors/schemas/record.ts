// Records frames.json beside it: values as the serializers of Confluent (npm) and of AWS Glue (Maven Central) frame
// them. Run by hand, with a JDK and Maven: node test/vectors/schemas/record.ts. Neither asks a registry: Confluent's
// client has one in memory, and Glue's frame is written by the class that its serializers write it with.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadJars } from "../../../functions/local/process/maven-download.ts";

const CONFLUENT = "@confluentinc/schemaregistry@1.10.1";
const GLUE = "software.amazon.glue:schema-registry-serde:1.1.27";

const here = (name: string) => join(import.meta.dirname, name);
const order = JSON.parse(readFileSync(here("order.avsc.json"), "utf8"));
const jsonSchema = JSON.parse(readFileSync(here("order.schema.json"), "utf8"));

interface Frame {
  readonly name: string;
  /** In hex. */
  readonly bytes: string;
  /** Header by name, in hex. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the registry knows the schema by. */
  readonly id: string;
}

const run = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });

const folder = mkdtempSync(join(tmpdir(), "schema-vectors-"));
try {
  const { descriptor, frames: glue } = await glueFrames();
  const frames = [...(await confluentFrames(descriptor)), ...glue];
  writeFileSync(here("frames.json"), `${JSON.stringify(frames, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

async function confluentFrames(descriptor: Buffer): Promise<readonly Frame[]> {
  writeFileSync(join(folder, "package.json"), "{}");
  run("npm", ["install", "--ignore-scripts", "--no-audit", CONFLUENT]);
  const load = createRequire(join(folder, "package.json"));
  const confluent = load("@confluentinc/schemaregistry");
  const { createFileRegistry, create, fromBinary } = load("@bufbuild/protobuf");
  const { FileDescriptorSetSchema } = load("@bufbuild/protobuf/wkt");
  const client = confluent.SchemaRegistryClient.newClient({ baseURLs: ["mock://"] });
  const { FileDescriptorProtoSchema } = load("@bufbuild/protobuf/wkt");
  const file = fromBinary(FileDescriptorProtoSchema, descriptor);
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const line = { sku: "a", count: 2 };
  const value = {
    ...{ id: 7, total: Buffer.from("04d2", "hex"), note: null, lines: [line], tags: { k: 1.5 }, state: "PAID" },
    ...{ checksum: Buffer.from("01020304", "hex"), either: { "com.example.B": { x: 5 } } },
  };
  const cases = [
    { name: "avro", Serializer: confluent.AvroSerializer, schema: JSON.stringify(order), schemaType: "AVRO", value },
    {
      name: "json",
      Serializer: confluent.JsonSerializer,
      schema: JSON.stringify(jsonSchema),
      schemaType: "JSON",
      value: { id: 7 },
    },
    ...["Zebra", "Zebra.Mane", "Zebra.Mane.Hair", "Zebra.Ear", "Apple"].map((message) => ({
      name: `protobuf com.example.${message}`,
      Serializer: confluent.ProtobufSerializer,
      schema: descriptor.toString("base64"),
      schemaType: "PROTOBUF",
      value: create(registry.getMessage(`com.example.${message}`), { id: `of com.example.${message}` }),
    })),
  ];
  const frames: Frame[] = [];
  for (const { name, Serializer, schema, schemaType, value: given } of cases) {
    for (const [where, schemaIdSerializer] of [
      ["prefix", confluent.PrefixSchemaIdSerializer],
      ["header", confluent.HeaderSchemaIdSerializer],
    ] as const) {
      const topic = schemaType.toLowerCase();
      await client.register(`${topic}-value`, { schema, schemaType });
      const metadata = await client.getLatestSchemaMetadata(`${topic}-value`);
      const serializer = new Serializer(client, confluent.SerdeType.VALUE, {
        ...{ useLatestVersion: true, autoRegisterSchemas: false, schemaIdSerializer },
        ...(schemaType === "PROTOBUF" ? { registry } : {}),
        subjectNameStrategyType: "TOPIC",
      });
      const headers: Record<string, Buffer> = {};
      const bytes = await serializer.serialize(topic, given, headers);
      frames.push({
        name: `confluent ${where} ${name}`,
        bytes: Buffer.from(bytes).toString("hex"),
        headers: Object.fromEntries(Object.entries(headers).map(([key, header]) => [key, header.toString("hex")])),
        id: String(where === "header" ? metadata.guid : metadata.id),
      });
    }
  }
  return frames;
}

async function glueFrames(): Promise<{ readonly descriptor: Buffer; readonly frames: readonly Frame[] }> {
  await downloadJars(folder, [GLUE]);
  const printed = run("java", [
    ...["-cp", join(folder, "lib", "*"), here("GlueVectors.java")],
    ...[here("order.avsc.json"), here("order.value.json"), here("orders.proto")],
  ]).toString();
  const [descriptor = [], ...frames] = printed
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  return {
    descriptor: Buffer.from(descriptor[1] ?? "", "hex"),
    frames: frames.map(([name = "", bytes = ""]) => ({
      name: `glue ${name}`,
      bytes,
      headers: {},
      id: "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63",
    })),
  };
}
