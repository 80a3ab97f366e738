// What a user's entry brings into its bundle: only what it uses.

import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { unusedCode } from "../../../cdk/lib/bundle/unused-code.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** What is in the bundle of this entry, and what it imports from outside. */
async function bundle(contents: string, unused = unusedCode()) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: join(ROOT, "functions/package"), loader: "ts" },
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    outfile: "out.mjs",
    external: ["@node-rs/crc32", ...unused],
    logLevel: "silent",
  });
  return metafile.outputs["out.mjs"] ?? expect.unreachable("nothing was written");
}

/** The files of which something is in the bundle of this entry. */
async function bundled(contents: string, unused?: readonly string[]): Promise<readonly string[]> {
  const { inputs } = await bundle(contents, unused);
  return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
}

const code = (imports: string, process: string) => `
  import { createRangeProcessor${imports} } from "./pipeline.ts";
  export const handler = createRangeProcessor({ process: ${process} });`;

const isOfTests = (path: string) => path.startsWith("functions/testing/") || path.startsWith("shared/memory/");
const isMarshaller = (path: string) => path.includes("util-dynamodb");

test("a processor has neither what tests run on, nor the marshalling of plain values that it does not use", async () => {
  const paths = await bundled(code("", "async () => []"));

  expect(paths).toContain("functions/processor/session/write-each.ts");
  expect(paths.filter(isOfTests)).toEqual([]);
  expect(paths.filter(isMarshaller)).toEqual([]);
});

test("one that uses put has the marshalling, and still nothing of tests", async () => {
  const paths = await bundled(code(", put", '(range) => range.writeEach(() => put("orders", {}))'));

  expect(paths.filter(isMarshaller)).not.toEqual([]);
  expect(paths.filter(isOfTests)).toEqual([]);
});

test("a processor of its own code has nothing of handlers of event source mappings, and one of a handler has", async () => {
  const isOfEventSource = (path: string) => path.startsWith("functions/event-source/");

  const without = await bundled(code("", "async () => []"));
  const having = await bundled(code(", fromEventSourceHandler", "fromEventSourceHandler(async () => {})"));

  expect(without.filter(isOfEventSource)).toEqual([]);
  expect(having.filter(isOfEventSource)).toContain("functions/event-source/from-event-source-handler.ts");
});

test("a test has no client of AWS and none of Kafka", async () => {
  const paths = await bundled('export { recordsOf, runRange } from "./testing.ts";');

  expect(paths.some(isOfTests)).toBe(true);
  expect(paths.filter((path) => /node_modules\/(@aws-sdk\/client-|@smithy|kafkajs|zod|@middy)/.test(path))).toEqual([]);
});

test.each([
  ["a processor", code("", "async () => []")],
  [
    "a scheduler",
    'import { createScheduler } from "../scheduler/create-scheduler.ts"; export const handler = createScheduler();',
  ],
])("%s imports no node:http, of which Node would load undici as well", async (_, contents) => {
  const { imports } = await bundle(contents);
  const paths = imports.map(({ path }) => path.replace("node:", ""));

  expect(paths).toContain("crypto");
  expect(paths.filter((path) => path === "http" || path === "https")).toEqual([]);
});

test("a function validates by zod's small API, whose methods are functions that only those bundle that call them", async () => {
  const paths = await bundled(code("", "async () => []"));

  expect(paths.filter((path) => path.includes("zod/v4/mini"))).not.toEqual([]);
  expect(paths.filter((path) => /zod\/v4\/(?:classic|locales)/.test(path))).toEqual([]);
});

test("a function has of kafkajs what SASL's mechanisms say, and none of its requests", async () => {
  const paths = await bundled(code("", "async () => []"));
  const ofKafkajs = paths.filter((path) => path.includes("node_modules/kafkajs/"));

  expect(ofKafkajs.some((path) => path.includes("/saslAuthenticator/"))).toBe(true);
  expect(ofKafkajs.filter((path) => /\/(?:protocol\/requests|network|consumer|producer)\//.test(path))).toEqual([]);
});

const ofSettings = (paths: readonly string[]) =>
  ["shared/key-stores/jks.ts", "shared/oidc/client-credentials.ts", "shared/wire/kafka-params/setting-rules.ts"].filter(
    (path) => paths.includes(path),
  );
const isForge = (path: string) => path.includes("node_modules/node-forge");

test.each([
  ["nothing of Kafka's settings without them", { hasParams: false, mayNeedPkcs12: false }, 0, false],
  ["no reader of PKCS #12 where no store may be one", { hasParams: true, mayNeedPkcs12: false }, 3, false],
  ["all of it where one may", { hasParams: true, mayNeedPkcs12: true }, 3, true],
])("a processor has %s", async (_, use, files, hasForge) => {
  const paths = await bundled(code("", "async () => []"), unusedCode(use));

  expect(ofSettings(paths)).toHaveLength(files);
  expect(paths.some(isForge)).toBe(hasForge);
  expect(paths.filter((path) => /@aws-sdk\/(?:credential|client-sts)/.test(path))).toEqual([]);
});

const DECODERS = ["avsc", "protobufjs", "ajv"];
const decodersIn = (paths: readonly string[]) =>
  DECODERS.filter((name) => paths.some((path) => path.includes(`node_modules/${name}/`)));
const decoding = (imports: string, value: string) =>
  `${imports} import { confluentRegistry, json, string } from "./deserializers.ts";
  const registry = confluentRegistry({ url: "http://registry.example" });
  ${code("", `(range) => range.decoded({ value: ${value} }).writeEach(() => undefined)`)}`;

test("a processor that decodes nothing has no deserializer and no client of a registry", async () => {
  const paths = await bundled(code("", "async () => []"));

  expect(paths.filter((path) => path.startsWith("shared/schemas/"))).toEqual([]);
  expect(decodersIn(paths)).toEqual([]);
});

test.each([
  ["JSON", "", "json()", []],
  ["Avro", 'import { avro } from "./avro.ts";', "avro({ registry })", ["avsc"]],
  ["Protobuf", 'import { protobuf } from "./protobuf.ts";', "protobuf({ registry })", ["protobufjs"]],
  ["JSON Schema", 'import { jsonSchema } from "./json-schema.ts";', "jsonSchema({ registry })", ["ajv"]],
])("a processor that decodes %s has the library for it, and no other", async (_, imports, value, libraries) => {
  const paths = await bundled(decoding(imports, value));

  expect(decodersIn(paths)).toEqual(libraries);
  expect(paths.filter((path) => path.includes("/glue/"))).toEqual([]);
});
