import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { projectRootOf } from "../../../cdk/lib/bundle/project-root.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { hostArchitecture } from "../../../functions/local/process/host-architecture.ts";

const required = {
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

async function temporary(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "function-code-")));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function architecturesOf(context: object, props: Partial<RangePipelineProps> = {}): readonly unknown[] {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [], ...context } }), "Test");
  new RangePipeline(stack, "Orders", { ...required, ...props });
  const functions = Template.fromStack(stack).findResources("AWS::Lambda::Function");
  return Object.values(functions).map(({ Properties }) => Properties.Architectures);
}

test("both functions have the prop's architecture, else the context's, else Graviton's", () => {
  const context = { "kafka-offset-ranges:architecture": "x86_64" };

  expect(architecturesOf({})).toEqual([["arm64"], ["arm64"]]);
  expect(architecturesOf(context)).toEqual([["x86_64"], ["x86_64"]]);
  expect(architecturesOf(context, { architecture: Architecture.ARM_64 })).toEqual([["arm64"], ["arm64"]]);
  expect(architecturesOf({}, { architecture: Architecture.X86_64 })).toEqual([["x86_64"], ["x86_64"]]);
});

test("BU1: the code of the same sources is the same asset, whatever folder the app is synthesized into", async () => {
  const [one, other] = await Promise.all([temporary(), temporary()]);

  const assets = [join(one, "cdk.out"), join(other, "deep", "er", "cdk.out")].map((outdir) => {
    const app = new App({ outdir });
    new RangePipeline(new Stack(app, "Test"), "Orders", required);
    const functions = Object.values(app.synth().getStackByName("Test").template.Resources as Resources).filter(
      ({ Type }) => Type === "AWS::Lambda::Function",
    );
    return functions.map(({ Properties }) => Properties.Code.S3Key);
  });

  expect(assets[0]).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
    expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
  ]);
  expect(assets[1]).toEqual(assets[0]);
});

interface Resources {
  readonly [id: string]: { readonly Type: string; readonly Properties: { readonly Code: { readonly S3Key: string } } };
}

test("another architecture in the context is refused", () => {
  expect(() => architecturesOf({ "kafka-offset-ranges:architecture": "mips" })).toThrow(
    'context kafka-offset-ranges:architecture is "mips"; choose arm64 or x86_64',
  );
});

test("where the native CRC-32C is not to be had, the app says so and is synthesized all the same", async () => {
  const home = await temporary();
  vi.stubEnv("HOME", home);
  vi.stubEnv("npm_config_registry", "http://127.0.0.1:1/");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const stack = new Stack(new App({ outdir: join(home, "cdk.out") }), "Test");
  const other = hostArchitecture() === "arm64" ? Architecture.X86_64 : Architecture.ARM_64;

  new RangePipeline(stack, "Orders", { ...required, architecture: other });

  Annotations.fromStack(stack).hasWarning(
    "/Test/Orders/Processor",
    Match.stringLikeRegexp(`the native CRC-32C for ${other.name} is not to be had.*let npm reach its registry once`),
  );
});

test.each([
  ["of the nearest lock file, above the package.json of a workspace", ["pnpm-lock.yaml", "member/package.json"], "."],
  ["of the nearest package.json without any lock file", ["package.json", "member/package.json"], "member"],
  ["of a member's own lock file", ["package-lock.json", "member/yarn.lock"], "member"],
])("a file's project is the folder %s", async (_, files, expected) => {
  const root = await temporary();
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), "");
  }

  expect(projectRootOf(join(root, "member/src/orders.ts"))).toBe(join(root, expected));
});
