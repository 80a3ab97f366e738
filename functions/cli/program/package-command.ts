import { Command } from "commander";
import { parseFile, parseName } from "../options/option-values.ts";
import { parseVariable, type VariableOption } from "../options/variable-option.ts";
import type { PackageArguments } from "../run/package.ts";
import type { Choose } from "./action.ts";

export function packageCommand(choose: Choose): Command {
  return new Command("package")
    .description(
      "Write a release of a pipeline for teams without CDK: a template of CloudFormation with parameters, and the functions' zips.",
    )
    .requiredOption("--entry <file>", "exports handler = createRangeProcessor({ process })", parseFile("--entry"))
    .option("--out <folder>", "new, empty, or with an earlier release", parseName("--out"), "release")
    .option(
      "--config <file>",
      "JSON of RangePipeline's props that are fixed instead of parameters",
      parseFile("--config"),
    )
    .option(
      "--variable <name[=default]>",
      "a variable of the code's environment that becomes a parameter, ORDERS_TABLE as OrdersTable; repeatable",
      collectVariable,
    )
    .addHelpText("after", EXAMPLE)
    .action((options: PackageArguments) =>
      choose(async (terminal) => (await import("../run/package.ts")).runPackage(options, terminal)),
    );
}

function collectVariable(text: string, before: readonly VariableOption[] = []): readonly VariableOption[] {
  return [...before, parseVariable(text)];
}

const EXAMPLE = `
It needs aws-cdk-lib, constructs and esbuild in the project, and neither the CDK CLI nor a bootstrapped account:
  ranges package --entry src/orders.ts --variable ORDERS_TABLE
  aws s3 cp --recursive release s3://my-bucket/orders/
  aws cloudformation deploy --stack-name orders --template-file release/template.json --s3-bucket my-bucket \\
    --capabilities CAPABILITY_IAM --parameter-overrides CodeBucket=my-bucket CodePrefix=orders/ PipelineName=orders \\
    BootstrapServers=b-1.example:9092 Topics=orders OrdersTable=orders
`;
