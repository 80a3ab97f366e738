import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ArchiveBucket } from "../../../cdk/lib/archive/archive-bucket.ts";
import { sha256 } from "../../../cdk/lib/release/release-folder.ts";
import { writeRelease } from "../../../cdk/lib/release/write-release.ts";
import { zipCode } from "../../../cdk/lib/release/zip-code.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import type { TemplateObject } from "../../../cdk/lib/template/template-value.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";

const entry = projectPath("functions/pipelines/word-count.ts");
/** Without Kafka's own settings, whose code takes longer to bundle. */
const CONFIG = { securityProtocol: "PLAINTEXT" } as const;

let folder: string;
const inFolder = (...path: readonly string[]) => join(folder, ...path);
const contentsOf = (release: string) =>
  new Map(readdirSync(inFolder(release)).map((name) => [name, readFileSync(inFolder(release, name))]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-release-"));
  writeFileSync(inFolder("pipeline.json"), JSON.stringify(CONFIG));
});

afterAll(() => rm(folder, { recursive: true }));

test("WF1, WF2: the command writes, byte by byte, what any other process does, and what to do next", async () => {
  const args = ["--entry", entry, "--out", inFolder("command"), "--variable", "WORD_COUNTS_TABLE"];
  const { code, stdout } = await runRanges(["package", ...args, "--config", inFolder("pipeline.json")]);
  const { required } = writeRelease(
    { props: () => ({ processorEntry: entry, ...CONFIG }), variables: [{ name: "WORD_COUNTS_TABLE" }] },
    inFolder("call"),
  );
  const [command, call] = [contentsOf("command"), contentsOf("call")];
  const [processor = "", scheduler = ""] = [...call.keys()].filter((name) => name.endsWith(".zip")).toSorted();

  expect(code).toBe(0);
  expect(command).toEqual(call);
  expect([...call.keys()].toSorted()).toEqual(["SHA256SUMS", processor, scheduler, "template.json"]);
  expect(processor).toBe(`processor-${sha256(call.get(processor) ?? "").slice(0, 16)}.zip`);
  expect(scheduler).toBe(`scheduler-${sha256(call.get(scheduler) ?? "").slice(0, 16)}.zip`);
  expect(call.get("template.json")?.toString()).toContain(`\${CodePrefix}${processor}`);
  expect(call.get("SHA256SUMS")?.toString()).toContain(`${sha256(call.get("template.json") ?? "")}  template.json\n`);
  expect(required).toEqual(["CodeBucket", "WordCountsTable", "PipelineName", "BootstrapServers", "Topics"]);
  expect(stdout).toContain("CodeBucket=BUCKET WordCountsTable=… PipelineName=NAME BootstrapServers=… Topics=…");
});

test("a template fits a request that carries it", () => {
  const template = contentsOf("call").get("template.json") ?? "";

  expect(template.length).toBeLessThan(51_200);
  expect(JSON.parse(template.toString())).toHaveProperty("Resources");
});

test("the zips are what Lambda runs", () => {
  const zips = [...contentsOf("call")].filter(([name]) => name.endsWith(".zip"));
  const inside = Object.fromEntries(zips.map(([name, zip]) => [name.split("-")[0], Object.keys(unzipSync(zip))]));

  expect(inside["scheduler"]).toEqual(["index.mjs", "index.mjs.map"]);
  expect(inside["processor"]).toEqual(
    expect.arrayContaining([
      "index.mjs",
      "node_modules/@node-rs/crc32/index.js",
      "node_modules/@node-rs/crc32-linux-arm64-gnu/crc32.linux-arm64-gnu.node",
    ]),
  );
});

test("WF2: a pipeline whose archive gets manifests has the code of their function too, named for what is in it", () => {
  const props = (stack: Stack) => ({
    ...{ processorEntry: entry, ...CONFIG },
    manifests: new ArchiveBucket(stack, "Archive", {
      bucket: Bucket.fromBucketName(stack, "Bucket", "orders-archive"),
    }),
  });

  writeRelease({ props }, inFolder("manifests"));

  const release = contentsOf("manifests");
  const [zip = ""] = [...release.keys()].filter((name) => name.startsWith("manifests-"));
  const { Resources } = JSON.parse(release.get("template.json")?.toString() ?? "");
  const functions = Object.values<TemplateObject>(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(zip).toBe(`manifests-${sha256(release.get(zip) ?? "").slice(0, 16)}.zip`);
  expect(Object.keys(unzipSync(release.get(zip) ?? new Uint8Array()))).toEqual(["index.mjs", "index.mjs.map"]);
  expect(functions.map(({ Properties }) => JSON.stringify(Properties)).filter((one) => one.includes(zip))).toEqual([
    expect.stringContaining("RANGES_ARCHIVE_BUCKET"),
  ]);
});

test("WF1: a zip depends on names and contents alone, not on when, where and by whom they were written", () => {
  const write = (name: string, files: readonly string[], mode: number, time: Date) => {
    mkdirSync(inFolder(name, "deep"), { recursive: true });
    for (const file of files) {
      writeFileSync(inFolder(name, file), `the contents of ${file}`);
      chmodSync(inFolder(name, file), mode);
      utimesSync(inFolder(name, file), time, time);
    }
    return zipCode(inFolder(name));
  };
  const zone = process.env["TZ"];
  const one = write("one", ["index.mjs", "deep/a", "b"], 0o600, new Date(0));
  process.env["TZ"] = "Pacific/Auckland";
  const other = write("other", ["b", "deep/a", "index.mjs"], 0o755, new Date());
  process.env["TZ"] = zone;

  expect(Buffer.from(other)).toEqual(Buffer.from(one));
  expect(Buffer.from(unzipSync(one)["deep/a"] ?? []).toString()).toBe("the contents of deep/a");
});

test("an earlier release is replaced, and nothing else", () => {
  const source = { props: () => ({ processorEntry: entry, ...CONFIG }) };
  const before = contentsOf("call");

  writeRelease(source, inFolder("call"));

  const { SHA256SUMS: _changed, ...after } = Object.fromEntries(contentsOf("call"));
  expect(Object.keys(after).length).toBe(before.size - 1);
  expect(after["template.json"]?.toString()).not.toContain("WordCountsTable");
  writeFileSync(inFolder("call", "notes.txt"), "mine");
  expect(() => writeRelease(source, inFolder("call"))).toThrow(/has "notes.txt"; name a folder that is new, empty/);
  expect(() => writeRelease(source, inFolder("call", "notes.txt"))).toThrow("is a file");
});

test("WF3: where something is wrong nothing is written", async () => {
  writeFileSync(inFolder("wrong.json"), JSON.stringify({ maxAttempts: 0, topicz: ["orders"] }));
  const out = inFolder("nothing");
  const run = (...args: readonly string[]) => runRanges(["package", "--out", out, ...args]);
  const wrong = await run("--entry", entry, "--config", inFolder("wrong.json"));
  const missing = await run("--entry", inFolder("none.ts"));

  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toMatch(/^ranges: topicz is not a prop; was topics meant\?; maxAttempts "?0/m);
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toContain("--entry");
  expect(readdirSync(folder)).not.toContain("nothing");
});
