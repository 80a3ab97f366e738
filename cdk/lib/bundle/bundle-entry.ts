// Bundle entry
//
// Makes of a TypeScript or JavaScript file what Lambda runs: one ES module with its source
// map. The packages are those of the project that the file belongs to, and so is esbuild,
// where it has one. CDK's NodejsFunction is not used: it asks for a lock file, looks for
// esbuild by way of a package manager's command, and falls back to Docker without a word
// on what is missing.
//
//   BU1  The bundle of the same sources is the same, wherever it is written to: CDK names an asset by its contents.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BuildFailure, BuildResult, buildSync, formatMessagesSync, PartialMessage } from "esbuild";
import { missingLibraries } from "../../../shared/wire/deployment/missing-library.ts";
import type { LocalBundle } from "../../../shared/wire/environment/local-context.ts";
import { projectRootOf } from "./project-root.ts";
import { unusedCode } from "./unused-code.ts";

/** A package with a native build, which no bundle can hold: it lies beside. */
export const NATIVE_PACKAGE = "@node-rs/crc32";

/** What `pg` would load only where it is asked to, and nobody installs. */
const NEVER_LOADED = "pg-native";

/** The module in a function's folder, and what it exports. */
export const BUNDLE_FILE = "index.mjs";
export const BUNDLE_HANDLER = "index.handler";

export interface Esbuild {
  readonly buildSync: typeof buildSync;
  readonly formatMessagesSync: typeof formatMessagesSync;
}

/** The esbuild of the entry's project, else the one beside this package; undefined where neither has one. */
export function findEsbuild(entry: string): Esbuild | undefined {
  for (const from of [entry, import.meta.url]) {
    const found = requireFrom(from);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function requireFrom(from: string): Esbuild | undefined {
  try {
    return createRequire(from)("esbuild");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}

/** What a bundle is made by, wherever it is written to. `entry` is an absolute path; `unused` is left out of it. */
export function bundleOptions(entry: string, unused = unusedCode()): LocalBundle {
  return {
    entryPoints: [entry],
    absWorkingDir: projectRootOf(entry),
    mainFields: ["module", "main"],
    target: "node24",
    minify: true,
    // Node shows the line of an error, which else is the whole bundle.
    lineLimit: 400,
    sourcesContent: false,
    external: [NATIVE_PACKAGE, NEVER_LOADED, ...unused],
    // CommonJS dependencies in an ESM bundle still call require.
    banner: {
      js: 'import { createRequire as topLevelCreateRequire } from "node:module"; const require = topLevelCreateRequire(import.meta.url);',
    },
  };
}

export interface WrittenBundle {
  /** Whether the native package is loaded by it. */
  readonly needsNative: boolean;
}

/**
 * Writes the bundle of `entry` into `folder`. Throws esbuild's error, which lists what it could not read or find, or where
 * an entry of this package lacks its library one that says what to install.
 */
export function bundleEntry(
  esbuild: Esbuild,
  entry: string,
  folder: string,
  unused?: readonly string[],
): WrittenBundle {
  const { files, needsNative } = buildBundle(esbuild, entry, unused);
  for (const { name, contents } of files) {
    writeFileSync(join(folder, name), contents);
  }
  return { needsNative };
}

export interface BuiltBundle extends WrittenBundle {
  readonly files: readonly { readonly name: string; readonly contents: Uint8Array }[];
}

/** Throws as bundleEntry does. */
export function buildBundle(esbuild: Esbuild, entry: string, unused?: readonly string[]): BuiltBundle {
  const root = projectRootOf(entry);
  const { outputFiles, metafile } = tellFailure(esbuild, entry, () => {
    const result = esbuild.buildSync({
      ...bundleOptions(entry, unused),
      // BU1: the map's sources are relative to it, and nothing is written there.
      outfile: join(root, BUNDLE_FILE),
      write: false,
      metafile: true,
      bundle: true,
      platform: "node",
      format: "esm",
      sourcemap: true,
      logLevel: "silent",
    });
    tell(esbuild, "warning", result.warnings);
    return result;
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: path.slice(root.length + 1), contents }));
  return { files, needsNative: loadsNative(metafile) };
}

/** Its errors are told here: of a library that is missing what helps, in place of what esbuild would advise. */
function tellFailure<Result>(esbuild: Esbuild, entry: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!isBuildFailure(error)) {
      throw error;
    }
    const { lines, others } = missingLibraries(error.errors, { entry, absWorkingDir: projectRootOf(entry) });
    tell(esbuild, "error", [...lines.map((text) => ({ text })), ...others]);
    tell(esbuild, "warning", error.warnings);
    throw lines.length === 0 ? error : new Error(lines.join("\n"), { cause: error });
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** As many as esbuild itself would. */
const MAX_TOLD = 10;

function tell(esbuild: Esbuild, kind: "error" | "warning", messages: readonly PartialMessage[]): void {
  const color = process.stderr.isTTY === true;
  for (const text of esbuild.formatMessagesSync(messages.slice(0, MAX_TOLD), { kind, color })) {
    process.stderr.write(text);
  }
}

function loadsNative({ outputs }: NonNullable<BuildResult["metafile"]>): boolean {
  return Object.values(outputs).some(({ imports }) => imports.some(({ path }) => path === NATIVE_PACKAGE));
}
