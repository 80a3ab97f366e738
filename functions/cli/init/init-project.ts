// Init project
//
// ranges init: a project of one's own to begin with. Its files are those of its template (project-template.ts),
// with the project's name in place of the template's; package.json names the versions that this
// package itself is tried with.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { listNames, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OwnPackage } from "./own-package.ts";
import { DEFAULT_TEMPLATE, PROJECT_TEMPLATES, type ProjectTemplate, type TemplateName } from "./project-template.ts";

const TEMPLATE = fileURLToPath(new URL("template/", import.meta.url));
const TEMPLATES = fileURLToPath(new URL("templates/", import.meta.url));
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
export function initProject(
  path: string,
  own: OwnPackage,
  templateName: TemplateName = DEFAULT_TEMPLATE,
): InitializedProject {
  const template: ProjectTemplate = PROJECT_TEMPLATES[templateName];
  const folder = resolve(path);
  const name = basename(folder);
  if (!PROJECT_NAME.test(name)) {
    throw new ConfigurationError(
      `${quoteName(name)} is no name for a project; choose one of lower-case letters, digits, "-", "." and "_" that begins with a letter, such as my-pipeline`,
    );
  }
  requireEmpty(folder);
  const texts = new Map([
    ["package.json", renderPackage(name, own, template)],
    ...foldersOf(template).flatMap((from) => readdirSync(from).map((file) => fileOf(join(from, file), name))),
  ]);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of texts) {
    writeFileSync(join(folder, file), text, { flag: "wx" });
  }
  return { folder, name, files: [...texts.keys()] };
}

/** A later one's files come in place of an earlier one's. */
function foldersOf({ folder }: ProjectTemplate): readonly string[] {
  return folder === undefined ? [TEMPLATE] : [TEMPLATE, join(TEMPLATES, folder)];
}

function fileOf(path: string, name: string): readonly [file: string, text: string] {
  const file = basename(path);
  return [RENAMED[file] ?? file, named(readFileSync(path, "utf8"), name)];
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

function renderPackage(
  name: string,
  { name: ownName, version, devDependencies }: OwnPackage,
  { libraries, dev = "ranges dev" }: ProjectTemplate,
): string {
  const pinned = (names: readonly string[]) =>
    Object.fromEntries(names.map((one) => [one, devDependencies[one] ?? "latest"]));
  const manifest = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      dev,
      test: "vitest run",
      typecheck: "tsc",
      deploy: "cdk deploy --all",
    },
    dependencies: { ...pinned([...LIBRARIES, ...libraries]), [ownName]: version },
    devDependencies: pinned(TOOLS),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
