// Assembly
//
// What a CDK app has synthesized: its stacks, with their templates and the folders of
// code that they name. The layout is CDK's cloud-assembly schema.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AwsEnvironment, LOCAL_ENVIRONMENT } from "./local-aws.ts";

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value?: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface AssemblyStack {
  /** As the CDK CLI takes it: "Orders", or "Prod/Orders" of a stage. */
  readonly id: string;
  /** CloudFormation's, by which outputs are told. */
  readonly name: string;
  readonly environment: AwsEnvironment;
  readonly template: Template;
  /** The folder that is zipped, by the asset's hash. */
  readonly codeFolders: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
  readonly missing?: readonly unknown[];
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The stacks of the app and of its stages. */
export function readAssembly(folder: string): readonly AssemblyStack[] {
  const { artifacts = {} } = readManifest(folder);
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    if (artifact.type === "cdk:cloud-assembly") {
      return readAssembly(join(folder, textOf(artifact, "directoryName")));
    }
    return artifact.type === "aws:cloudformation:stack" ? [readStack(folder, id, artifact)] : [];
  });
}

/**
 * Takes out what the app would have looked up in an account: it has got the stand-ins that every first synthesis gets,
 * and there is nothing to look up on a local endpoint.
 */
export function forgetLookups(folder: string): void {
  const { missing, ...manifest } = readManifest(folder);
  if (missing !== undefined) {
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  }
  for (const artifact of Object.values(manifest.artifacts ?? {})) {
    if (artifact.type === "cdk:cloud-assembly") {
      forgetLookups(join(folder, textOf(artifact, "directoryName")));
    }
  }
}

function readStack(folder: string, id: string, artifact: Artifact): AssemblyStack {
  const name = artifact.properties?.["stackName"];
  return {
    id: artifact.displayName ?? id,
    name: typeof name === "string" ? name : id,
    environment: parseEnvironment(artifact.environment ?? ""),
    template: readJson(join(folder, textOf(artifact, "templateFile"))),
    codeFolders: readCodeFolders(folder, `${id}.assets.json`),
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<string, { readonly source?: { readonly path?: string; readonly packaging?: string } }>
  >;
}

function readCodeFolders(folder: string, file: string): ReadonlyMap<string, string> {
  const { files = {} } = readJson<AssetManifest>(join(folder, file), {});
  return new Map(
    Object.entries(files).flatMap(([hash, { source }]) =>
      source?.packaging === "zip" && source.path !== undefined ? [[hash, join(folder, source.path)]] : [],
    ),
  );
}

/** `aws://123456789012/eu-west-1`; what is unknown until the deployment is the local one. */
function parseEnvironment(text: string): AwsEnvironment {
  const [, account = "", region = ""] = /^aws:\/\/([^/]*)\/(.*)$/.exec(text) ?? [];
  return {
    account: /^\d{12}$/.test(account) ? account : LOCAL_ENVIRONMENT.account,
    region: region === "" || region === "unknown-region" ? LOCAL_ENVIRONMENT.region : region,
  };
}

function readManifest(folder: string): Manifest {
  return readJson(join(folder, "manifest.json"));
}

function textOf({ properties }: Artifact, name: string): string {
  return String(properties?.[name]);
}

function readJson<Value>(path: string, otherwise?: Value): Value {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (otherwise !== undefined && error instanceof Error && "code" in error && error.code === "ENOENT") {
      return otherwise;
    }
    throw error;
  }
}
