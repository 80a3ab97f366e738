// Synthesize release
//
// The templates that a release's one template is made of: a stack each, of one app that is
// synthesized once. Only one of them bundles the functions' code, which is the same for all.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App, type IStackSynthesizer, Stack } from "aws-cdk-lib";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { RangePipeline } from "../range-pipeline.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";
import type { TemplateObject } from "../template/template-value.ts";
import { type CodeName, codeKeys } from "./function-code.ts";
import { ReleaseSynthesizer } from "./release-synthesizer.ts";

/** The place of the pipeline in its stack, which the names of the outputs begin with. */
const PIPELINE = "Ranges";

export interface ReleaseStack {
  readonly name: string;
  readonly props: (stack: Stack) => RangePipelineProps;
  readonly extend?: ((stack: Stack, pipeline: RangePipeline) => void) | undefined;
}

export interface SynthesizedRelease {
  /** By the stack's name. */
  readonly templates: ReadonlyMap<string, TemplateObject>;
  /** Folders of code, which are the caller's to remove with `folder`. */
  readonly code: ReadonlyMap<CodeName, string>;
  readonly folder: string;
  /** What CDK and the construct warn of. */
  readonly warnings: readonly string[];
}

/** `bundled` is the name of the stack whose code is bundled; undefined: none, for who looks at templates alone. */
export function synthesizeRelease(stacks: readonly ReleaseStack[], bundled: string | undefined): SynthesizedRelease {
  const folder = mkdtempSync(join(tmpdir(), "ranges-release-"));
  const app = new App({
    outdir: folder,
    analyticsReporting: false,
    treeMetadata: false,
    // These name parameters that only the merged template declares.
    builtinCloudFormationValidation: false,
    context: { ...recommendedFlags, "aws:cdk:bundling-stacks": bundled === undefined ? [] : [bundled] },
  });
  const synthesizers = stacks.map(({ name, props, extend }) => {
    const synthesizer = new ReleaseSynthesizer();
    // CDK declares its interfaces without exactOptionalPropertyTypes in mind.
    const stack = new Stack(app, name, { synthesizer: synthesizer as IStackSynthesizer });
    const pipeline = new RangePipeline(stack, PIPELINE, props(stack));
    extend?.(stack, pipeline);
    return [name, synthesizer] as const;
  });
  const assembly = app.synth();
  const templates = new Map(stacks.map(({ name }) => [name, assembly.getStackByName(name).template as TemplateObject]));
  const source = bundled ?? stacks[0]?.name ?? "";
  const keys = codeKeys(templates.get(source) ?? {});
  const folders = new Map(synthesizers).get(source)?.folders;
  const code = [...keys].map(([name, key]) => [name, resolve(folder, folders?.get(key) ?? "")] as const);
  const messages = assembly.getStackByName(source).messages.filter(({ level }) => level === "warning");
  return {
    templates,
    folder,
    code: new Map(code),
    warnings: messages.map(({ entry }) => (typeof entry.data === "string" ? entry.data : JSON.stringify(entry.data))),
  };
}
