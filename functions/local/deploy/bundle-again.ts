// Bundle again
//
// The shortest way of a save: the functions whose bundles hold a saved file are bundled
// again, by the project's own esbuild and as their template says, and get their new code.

import { existsSync, readFileSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BundleFault, missingLibraries } from "../../../shared/wire/deployment/missing-library.ts";
import { LOCAL_BUNDLE, type LocalBundle } from "../../../shared/wire/environment/local-context.ts";
import type { AssemblyStack } from "./assembly.ts";
import type { StackOutputs } from "./deploy-app.ts";
import { sourcesOf } from "./source-paths.ts";
import { type CodeChange, codeFolderOf, physicalName } from "./swap-code.ts";
import { zipFolder } from "./zip-folder.ts";

/** A function whose code can be bundled by itself. */
export interface Bundled {
  readonly stack: AssemblyStack;
  readonly functionName: string;
  readonly bundle: LocalBundle;
  /** The bundle that is deployed, and what lies beside it. */
  readonly codeFolder: string;
}

export function findBundled(stacks: readonly AssemblyStack[], outputs: StackOutputs): readonly Bundled[] {
  return stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {}).flatMap(([id, resource]) => {
      const bundle = resource.Metadata?.[LOCAL_BUNDLE];
      const functionName = physicalName(stack, id, outputs);
      const codeFolder = codeFolderOf(stack, resource);
      return bundle === undefined || functionName === undefined || codeFolder === undefined
        ? []
        : [{ stack, functionName, codeFolder, bundle: bundle as LocalBundle }]; // As tell-bundle.ts wrote it.
    }),
  );
}

/** Those whose code has one of the files; absolute paths. */
export function bundledFrom(bundled: readonly Bundled[], files: ReadonlySet<string>): readonly Bundled[] {
  return bundled.filter(({ codeFolder, bundle }) =>
    sourcesOf(codeFolder, bundle.absWorkingDir).some((source) => files.has(source)),
  );
}

interface Esbuild {
  build(options: object): Promise<unknown>;
}

export interface BundledAgain extends CodeChange {
  readonly isChanged: boolean;
}

const BUNDLE = "index.mjs";

/** Whether both folders are there and hold the same bundle. */
export function isSameBundle(one: string | undefined, other: string): boolean {
  return (
    one !== undefined &&
    [one, other].every((folder) => existsSync(join(folder, BUNDLE))) &&
    readFileSync(join(one, BUNDLE)).equals(readFileSync(join(other, BUNDLE)))
  );
}

/**
 * Into a folder, with what lies beside the deployed one; throws with esbuild's own words where it does not compile, after
 * what is to be installed where an entry of this package lacks its library.
 */
export async function bundleAgain(
  { stack, functionName, bundle, codeFolder }: Bundled,
  folder: string,
): Promise<BundledAgain> {
  await rm(folder, { recursive: true, force: true });
  await cp(codeFolder, folder, { recursive: true });
  const esbuild = await loadEsbuild(bundle);
  const built = esbuild.build({
    ...bundle,
    outfile: join(folder, BUNDLE),
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: true,
    logLevel: "silent",
    allowOverwrite: true,
  });
  await built.catch((error: unknown) => {
    throw withMissing(error, bundle);
  });
  const isChanged = !isSameBundle(codeFolder, folder);
  return { stack, functionName, zip: zipFolder(folder), isChanged, codeFolder: folder };
}

function withMissing(error: unknown, { entryPoints: [entry = ""], absWorkingDir }: LocalBundle): unknown {
  if (!(error instanceof Error && "errors" in error && Array.isArray(error.errors))) {
    return error;
  }
  const faults: readonly BundleFault[] = error.errors;
  const { lines, others } = missingLibraries(faults, { entry, absWorkingDir });
  const told = others.length === 0 ? lines : [...lines, error.message];
  return lines.length === 0 ? error : new Error(told.join("\n"), { cause: error });
}

/** The one that the entry would import: in a workspace its root may have none. */
async function loadEsbuild({ entryPoints, absWorkingDir }: LocalBundle): Promise<Esbuild> {
  const [entry = join(absWorkingDir, "package.json")] = entryPoints;
  const path = createRequire(entry).resolve("esbuild");
  return import(pathToFileURL(path).href);
}
