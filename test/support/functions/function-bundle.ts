// Function bundle
//
// What Lambda would get of a synthesized stack: each function's files and variables.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

interface FunctionResource {
  readonly Type: string;
  readonly Properties: {
    readonly Description: string;
    readonly Code: { readonly S3Key: string };
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

export interface Bundle {
  readonly description: string;
  readonly folder: string;
  /** With a name in place of what CloudFormation fills in. */
  readonly env: Readonly<Record<string, string>>;
}

export async function bundlesOf(output: string, stack: string): Promise<readonly Bundle[]> {
  const template = JSON.parse(await readFile(join(output, `${stack}.template.json`), "utf8"));
  const functions = Object.values<FunctionResource>(template.Resources).filter(
    ({ Type }) => Type === "AWS::Lambda::Function",
  );
  return functions.map(({ Properties: { Code, Description, Environment } }) => ({
    description: Description,
    folder: join(output, `asset.${Code.S3Key.replace(".zip", "")}`),
    env: Object.fromEntries(
      Object.entries(Environment.Variables).map(([name, value]) => [name, typeof value === "string" ? value : "name"]),
    ),
  }));
}

/** What the script prints as JSON, beside the function's files and with its variables only. */
export async function evaluateIn({ folder, env }: Pick<Bundle, "folder" | "env">, script: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    // As Lambda names the function to its code.
    env: { ...env, AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: "function" },
  });
  return JSON.parse(stdout);
}
