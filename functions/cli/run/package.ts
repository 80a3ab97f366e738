import { resolve } from "node:path";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { readOwnPackage } from "../init/own-package.ts";
import type { VariableOption } from "../options/variable-option.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface PackageArguments {
  readonly entry: string;
  readonly out: string;
  readonly config?: string;
  readonly variable?: readonly VariableOption[];
}

export async function runPackage(
  { entry, out, config, variable: variables = [] }: PackageArguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const { readReleaseConfig, writeRelease } = await loadRelease();
  const configured = readReleaseConfig(config);
  const { files, required, warnings } = writeRelease(
    { props: (stack) => ({ ...configured(stack), processorEntry: resolve(entry) }), variables },
    resolve(out),
  );
  for (const warning of warnings) {
    terminal.note(`ranges: ${warning}`);
  }
  const sizes = [...files].map(([name, bytes]) => `${name} (${Math.ceil(bytes / 1_000)} KB)`);
  const parameters = required.map((name) => `${name}=${GIVEN[name] ?? "…"}`);
  const lines = [
    `wrote ${out}: ${sizes.join(", ")}, SHA256SUMS`,
    "",
    "next, with a bucket of the stack's region and a name of your own for BUCKET and NAME:",
    `  aws s3 cp --recursive ${out} s3://BUCKET/NAME/`,
    `  aws cloudformation deploy --stack-name NAME --template-file ${out}/template.json --s3-bucket BUCKET \\`,
    `    --capabilities CAPABILITY_IAM --parameter-overrides CodePrefix=NAME/ ${parameters.join(" ")}`,
  ];
  for (const line of lines) {
    await terminal.print(line);
  }
  return EXIT.done;
}

const GIVEN: Readonly<Record<string, string>> = { CodeBucket: "BUCKET", PipelineName: "NAME" };

/** The one command that synthesizes: what it needs beside this package is asked for here. */
async function loadRelease() {
  try {
    const { readReleaseConfig } = await import("../../../cdk/lib/release/read-release-config.ts");
    const { writeRelease } = await import("../../../cdk/lib/release/write-release.ts");
    return { readReleaseConfig, writeRelease };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND") {
      const { devDependencies } = readOwnPackage();
      const missing = ["aws-cdk-lib", "constructs", "esbuild"].map((name) => `${name}@${devDependencies[name]}`);
      throw new ConfigurationError(
        `the template is made by the constructs, which are not installed here: npm install --save-dev ${missing.join(" ")}`,
        { cause },
      );
    }
    throw cause;
  }
}
