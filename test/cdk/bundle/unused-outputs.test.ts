// What of outputs and of targets of dead letters is in which bundle: what a pipeline uses, and nothing else.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { buildSync } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { bundleOptions } from "../../../cdk/lib/bundle/bundle-entry.ts";
import type { DeadLetterTarget } from "../../../cdk/lib/letters/dead-letter-target.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { bundlesOf } from "../../support/functions/function-bundle.ts";

/** By which files it is told. */
const PARTS: Readonly<Record<string, RegExp>> = {
  archive: /shared\/archive\/open-archive\.ts$/,
  avroArchive: /shared\/archive\/avro\//,
  protobufArchive: /shared\/archive\/protobuf\//,
  jsonSchemaArchive: /shared\/archive\/json-schema\//,
  avsc: /node_modules\/avsc\//,
  protobufjs: /node_modules\/protobufjs\//,
  ajv: /node_modules\/ajv\//,
  parquet: /shared\/archive\/parquet\/|node_modules\/hyparquet/,
  kafkaOutput: /shared\/kafka\/output\/producer-session\.ts$/,
  postgres: /shared\/postgres\/|node_modules\/pg(?:-[a-z-]+)?\//,
  sqsLetters: /shared\/sqs\//,
  s3Letters: /shared\/s3\/dead-letter-bucket\.ts$/,
  topicLetters: /shared\/kafka\/produce\/|wire\/events\/dead-letter-record\.ts$/,
};

function partsOf(paths: readonly string[]): readonly string[] {
  return Object.keys(PARTS).filter((part) => paths.some((path) => PARTS[part]?.test(path)));
}

const LETTERS = ["sqsLetters", "s3Letters", "topicLetters"];
const pipelineFile = (name: string) => projectPath(`functions/pipelines/${name}.ts`);

/** Files of which something is in the bundle of what imports this. */
function filesIn(contents: string): readonly string[] {
  const { entryPoints: _none, ...options } = bundleOptions(pipelineFile("word-count"));
  const { metafile } = buildSync({
    ...options,
    stdin: { contents, resolveDir: projectPath("functions/package"), loader: "ts" },
    ...{ bundle: true, platform: "node", format: "esm", write: false, outdir: "out", metafile: true },
    logLevel: "error",
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

test.each([
  ["word-count", []],
  ["archive-to-s3", ["archive"]],
  ["copy-to-kafka", ["kafkaOutput"]],
  ["orders-to-postgres", ["postgres"]],
] as const)("%s has the code of its own output in its bundle, and of no other: %j", (name, outputs) => {
  const files = filesIn(`export { handler } from ${JSON.stringify(pipelineFile(name))};`);

  // Which letters it writes is not known of a file alone.
  expect(partsOf(files)).toEqual([...outputs, ...LETTERS]);
});

test("an archive as Parquet has Parquet's code as well, which it imports by a name of its own", () => {
  const files = filesIn(`
    import { createRangeProcessor } from "./pipeline.ts";
    import { s3Archive } from "./s3.ts";
    import { parquet } from "./parquet.ts";
    export const handler = createRangeProcessor({
      output: s3Archive({ bucket: "archive", format: parquet() }),
      process: (range) => range.writeAll(),
    });`);

  expect(partsOf(files)).toEqual(["archive", "parquet", ...LETTERS]);
});

test.each([
  ["values", "process: (range) => range.decoded({ value: avro({ registry }) }).writeEach(() => []),", ["avsc"]],
  [
    "container files",
    `output: s3Archive({ bucket: "archive", format: avroFile() }),
     process: (range) => range.decoded({ value: avroPayload({ registry }) })
       .writeEach(({ source, value }) => ({ ...source, avro: value })),`,
    ["archive", "avroArchive", "avsc"],
  ],
])("Avro for %s has the code of an archive of it, and of Parquet, only where that is used", (_, options, parts) => {
  const files = filesIn(`
    import { createRangeProcessor } from "./pipeline.ts";
    import { s3Archive } from "./s3.ts";
    import { avro, avroFile, avroPayload } from "./avro.ts";
    import { confluentRegistry } from "./deserializers.ts";
    const registry = confluentRegistry({ url: "http://registry.example" });
    export const handler = createRangeProcessor({ ${options} });`);

  expect(partsOf(files)).toEqual([...parts, ...LETTERS]);
});

test.each([
  ["protobuf", "protobuf", ["archive", "parquet", "protobufArchive", "protobufjs"]],
  ["json-schema", "jsonSchema", ["archive", "parquet", "jsonSchemaArchive", "ajv"]],
])("columns by %s have that library in their bundle, and no other's", (entry, name, parts) => {
  const files = filesIn(`
    import { createRangeProcessor } from "./pipeline.ts";
    import { s3Archive } from "./s3.ts";
    import { parquet } from "./parquet.ts";
    import { ${name}Columns, ${name}Payload } from "./${entry}.ts";
    import { confluentRegistry } from "./deserializers.ts";
    const registry = confluentRegistry({ url: "http://registry.example" });
    export const handler = createRangeProcessor({
      output: s3Archive({ bucket: "archive", format: parquet({ columns: ${name}Columns() }) }),
      process: (range) => range.decoded({ value: ${name}Payload({ registry }) })
        .writeEach(({ source, value }) => ({ ...source, ${name}: value })),
    });`);

  expect(new Set(partsOf(files))).toEqual(new Set([...parts, ...LETTERS]));
});

test("a processor has the code of the target that its letters go to, and of no other; a scheduler has none", async () => {
  const output = await mkdtemp(join(tmpdir(), "unused-outputs-"));
  onTestFinished(() => rm(output, { recursive: true, force: true }));
  const app = new App({ outdir: output });
  const stack = new Stack(app, "Test");
  const bucket = Bucket.fromBucketName(stack, "Bucket", "letters");
  const targets: Readonly<Record<string, DeadLetterTarget | undefined>> = {
    sqsLetters: undefined,
    s3Letters: { bucket },
    topicLetters: { topic: "letters" },
  };
  for (const [name, target] of Object.entries(targets)) {
    new RangePipeline(stack, name, {
      ...{ bootstrapServers: ["b-1.example:9092"], topics: ["lines"], processorEntry: pipelineFile("word-count") },
      ...(target === undefined ? {} : { deadLetterTarget: target }),
    });
  }
  app.synth();

  const found = await Promise.all(
    (await bundlesOf(output, "Test")).map(async ({ description, folder }): Promise<[string, readonly string[]]> => {
      const { sources } = JSON.parse(await readFile(join(folder, "index.mjs.map"), "utf8"));
      return [description.replace(/ offset ranges/, ""), partsOf(sources)];
    }),
  );

  const names = Object.keys(targets);
  expect(Object.fromEntries(found)).toEqual({
    ...Object.fromEntries(names.map((name) => [`Plans and dispatches of ${name}`, []])),
    ...Object.fromEntries(names.map((name) => [`Processes of ${name}`, [name]])),
  });
});
