// CDK project
//
// What of a project's own files says how its app is synthesized and deployed: cdk.json,
// and the CDK CLI that the project has installed.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { quote, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

export interface CdkProject {
  /** Where the app runs. */
  readonly folder: string;
  /** The command that synthesizes, for a shell. */
  readonly app: string;
  /** Of cdk.json and cdk.context.json. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The project's own CDK CLI, a program of Node. */
  readonly cli: string;
}

export interface CdkProjectOptions {
  readonly folder: string;
  /** Instead of cdk.json's. */
  readonly app?: string | undefined;
  /** The version of the CLI that is told to install where there is none. */
  readonly cliVersion: string;
}

/** Throws ConfigurationError that lists what the project lacks. */
export function readCdkProject({ folder, app, cliVersion }: CdkProjectOptions): CdkProject {
  const settings = readObject(join(folder, "cdk.json"));
  const own = app ?? settings?.["app"];
  const cli = findCli(folder);
  if (typeof own === "string" && own.trim() !== "" && cli !== undefined) {
    const saved = readObject(join(folder, "cdk.context.json"));
    const context = settings?.["context"];
    return { folder, app: own, cli, context: { ...(isObject(context) ? context : {}), ...saved } };
  }
  throw new ConfigurationError(
    [...appProblems(folder, settings, own), ...cliProblems(folder, cli, cliVersion)].join("\n"),
  );
}

function appProblems(folder: string, settings: object | undefined, app: unknown): readonly string[] {
  if (typeof app === "string" && app.trim() !== "") {
    return [];
  }
  const problem =
    settings === undefined
      ? `${quoteName(folder)} has no cdk.json`
      : `the app of cdk.json in ${quoteName(folder)} is ${quote(app)}`;
  return [
    `${problem}: run this in the folder of a CDK app, give --app "node app.ts", or begin with: npx kafka-offset-ranges init my-pipeline`,
  ];
}

function cliProblems(folder: string, cli: string | undefined, version: string): readonly string[] {
  return cli === undefined
    ? [`the CDK CLI is not installed in ${quoteName(folder)}: npm install --save-dev --save-exact aws-cdk@${version}`]
    : [];
}

function findCli(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("aws-cdk/package.json");
    const program = join(dirname(manifest), "bin", "cdk");
    return existsSync(program) ? program : undefined;
  } catch {
    // Not installed, in whichever way: it cannot be used.
    return undefined;
  }
}

/** Undefined where there is no such file. */
function readObject(path: string): Readonly<Record<string, unknown>> | undefined {
  if (!existsSync(path)) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value)) {
      return value;
    }
  } catch (cause) {
    throw new ConfigurationError(`${quoteName(path)} cannot be read as JSON: ${String(cause)}`, { cause });
  }
  throw new ConfigurationError(`${quoteName(path)} is not a JSON object`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
