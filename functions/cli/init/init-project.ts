// Init project
//
// ranges init: a project of one's own to begin with. Its files are those of `template`, with
// the project's name in place of the template's; package.json names the versions that this
// package itself is tried with.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { listNames, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OwnPackage } from "./own-package.ts";

const TEMPLATE = fileURLToPath(new URL("template/", import.meta.url));
/** npm takes no file of this name into a package. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name, without a scope, and a letter first for CloudFormation. */
const PROJECT_NAME = /^[a-z][a-z0-9._-]{0,99}$/;

export interface InitializedProject {
  readonly folder: string;
  readonly name: string;
  /** By their paths in the folder. */
  readonly files: readonly string[];
}

/** Throws ConfigurationError for a name that is none, and for a folder that has something in it; writes nothing then. */
export function initProject(path: string, own: OwnPackage): InitializedProject {
  const folder = resolve(path);
  const name = basename(folder);
  if (!PROJECT_NAME.test(name)) {
    throw new ConfigurationError(
      `${quoteName(name)} is no name for a project; choose one of lower-case letters, digits, "-", "." and "_" that begins with a letter, such as my-pipeline`,
    );
  }
  requireEmpty(folder);
  const texts = new Map([
    ["package.json", renderPackage(name, own)],
    ...readdirSync(TEMPLATE).map((file) => {
      const text = readFileSync(join(TEMPLATE, file), "utf8");
      return [RENAMED[file] ?? file, named(text, name)] as const;
    }),
  ]);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of texts) {
    writeFileSync(join(folder, file), text, { flag: "wx" });
  }
  return { folder, name, files: [...texts.keys()] };
}

function requireEmpty(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  if (!found.isDirectory()) {
    throw new ConfigurationError(`${quoteName(folder)} is a file; name a folder that is new or empty`);
  }
  const inside = readdirSync(folder);
  if (inside.length > 0) {
    throw new ConfigurationError(
      `${quoteName(folder)} is not empty: it has ${listNames(inside.map(quoteName))}; name a folder that is new or empty`,
    );
  }
}

/** The template's own name is "my-pipeline", and MyPipeline where CloudFormation wants letters and digits. */
function named(text: string, name: string): string {
  const id = name
    .split(/[^a-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  return text.replaceAll("my-pipeline", name).replaceAll("MyPipeline", id);
}

/** What a pipeline is deployed with, and what it is tried with. */
const TOOLS = ["@types/node", "aws-cdk", "esbuild", "node", "typescript", "vitest"];
const LIBRARIES = ["aws-cdk-lib", "constructs"];

function renderPackage(name: string, { name: ownName, version, devDependencies }: OwnPackage): string {
  const pinned = (names: readonly string[]) =>
    Object.fromEntries(names.map((one) => [one, devDependencies[one] ?? "latest"]));
  const manifest = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      dev: "ranges dev",
      test: "vitest run",
      typecheck: "tsc",
      deploy: "cdk deploy --all",
    },
    dependencies: { ...pinned(LIBRARIES), [ownName]: version },
    devDependencies: pinned(TOOLS),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
