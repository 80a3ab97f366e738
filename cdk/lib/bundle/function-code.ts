// Function code
//
// The code of a function as CDK deploys it, bundled when the stack is (not for `cdk ls`,
// nor for the stacks that a deployment leaves out).

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { Annotations, AssetHashType, DockerImage, Stack } from "aws-cdk-lib";
import { type Architecture, Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { cutText } from "../../../shared/core/bounded-text.ts";
import { refuseProps } from "../props/refuse-props.ts";
import { BUNDLE_FILE, type BuiltBundle, buildBundle, type Esbuild, findEsbuild } from "./bundle-entry.ts";
import { addNativeCrc32, NATIVE_BUILDS, type NativeArchitecture } from "./native-crc32.ts";
import { projectRootOf } from "./project-root.ts";

const MAX_PATH_LENGTH = 320;

/** What is not there once is not asked for again by every function of an app. */
const missing = new Map<NativeArchitecture, string>();

/** A bundle that the package ships in dist; undefined in a checkout, which needs no build. */
export function shippedCode(name: string): Code | undefined {
  if (!import.meta.url.endsWith(".js")) {
    return undefined;
  }
  // From dist/cdk/lib/bundle, where this is compiled to.
  const shipped = fileURLToPath(new URL(`../../../${name}`, import.meta.url));
  return codeOf(shipped, [name], (folder) => {
    for (const file of [BUNDLE_FILE, `${BUNDLE_FILE}.map`]) {
      writeFileSync(join(folder, file), brotliDecompressSync(readFileSync(join(shipped, `${file}.br`))));
    }
  });
}

/** What a pipeline's functions are made of beside their entries. */
export interface CodeParts {
  readonly unused: readonly string[];
  /** What lies beside the bundle; a name stands for its content. */
  readonly files: readonly { readonly name: string; readonly contents: Uint8Array }[];
}

export interface FunctionSource extends CodeParts {
  readonly entry: string;
  readonly architecture: Architecture;
}

/** The bundle of the entry, with the native CRC-32C of the architecture where it reads records. */
export function bundledCode(scope: Construct, { entry, architecture, unused, files }: FunctionSource): Code {
  const path = resolve(entry);
  const esbuild = Stack.of(scope).bundlingRequired ? requireEsbuild(scope, path) : undefined;
  const key = [path, architecture.name, ...unused, ...files.map(({ name }) => name)];
  return codeOf(dirname(path), key, (folder) => {
    const { files: built, needsNative } = builtOnce(path, unused, () => esbuild ?? requireEsbuild(scope, path));
    for (const { name, contents } of [...built, ...files]) {
      writeFileSync(join(folder, name), contents);
    }
    if (needsNative) {
      addNative(scope, folder, { path, architecture: architecture.name });
    }
  });
}

/** Pipelines of one entry differ by what lies beside it: an app bundles it once. */
const builds = new Map<string, BuiltBundle>();

function builtOnce(path: string, unused: readonly string[], esbuild: () => Esbuild): BuiltBundle {
  const key = JSON.stringify([path, ...unused]);
  const built = builds.get(key) ?? buildBundle(esbuild(), path, unused);
  builds.set(key, built);
  return built;
}

/** What `write` puts into a folder of CDK's. Two with the same source and the same `key` are one. */
function codeOf(source: string, key: string[], write: (folder: string) => void): Code {
  const tryBundle = (folder: string) => {
    write(folder);
    return true;
  };
  return Code.fromAsset(source, {
    assetHashType: AssetHashType.OUTPUT,
    // No container is ever run: `local` writes it, or throws.
    bundling: { image: DockerImage.fromRegistry("none"), command: key, local: { tryBundle } },
  });
}

function requireEsbuild(scope: Construct, path: string): Esbuild {
  const esbuild = findEsbuild(path);
  const remedy =
    "is installed neither in its project nor beside kafka-offset-ranges; run npm install --save-dev esbuild there";
  refuseProps(
    scope,
    esbuild === undefined ? [`${cutText(path, MAX_PATH_LENGTH)} is bundled by esbuild, which ${remedy}`] : [],
  );
  assert(esbuild !== undefined);
  return esbuild;
}

interface NativeTarget {
  readonly path: string;
  readonly architecture: string;
}

function addNative(scope: Construct, folder: string, { path, architecture }: NativeTarget): void {
  if (!isKnown(architecture)) {
    return;
  }
  const known = missing.get(architecture);
  const outcome =
    known === undefined
      ? addNativeCrc32(folder, { architecture, projectRoot: projectRootOf(path) })
      : ({ kind: "missing", why: known } as const);
  if (outcome.kind === "missing") {
    missing.set(architecture, outcome.why);
    Annotations.of(scope).addWarningV2(
      "kafka-offset-ranges:native-crc32",
      `the native CRC-32C for ${architecture} is not to be had, and the function computes it in JavaScript, which is slower (${outcome.why}); let npm reach its registry once, or install that package`,
    );
  }
}

function isKnown(architecture: string): architecture is NativeArchitecture {
  return Object.hasOwn(NATIVE_BUILDS, architecture);
}
