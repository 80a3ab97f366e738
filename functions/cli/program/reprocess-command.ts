import { Command } from "commander";
import { MAX_CONCURRENT_RANGES } from "../../../shared/core/limits.ts";
import { parseCount, parseEndpointUrl, parseFile, parseName } from "../options/option-values.ts";
import { addSourceOptions } from "../options/options.ts";
import type { ReprocessArguments } from "../run/reprocess.ts";
import type { Choose } from "./action.ts";
import { addPlanOptions } from "./plan-options.ts";

export function reprocessCommand(choose: Choose): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  const command = new Command("reprocess")
    .description("Have a pipeline process ranges again, beside its live chain; the same request id runs once.")
    .requiredOption("--function <name>", "the pipeline's scheduler function", parseName("--function"))
    .option("--request-id <id>", "names the request; an on-failure record brings its own", parseName("--request-id"))
    .option("--range <topic:partition:from:until>", "from inclusive, until exclusive; repeatable", collect)
    .option(
      "--on-failure-record <file>",
      "what a Lambda event source mapping wrote to its on-failure destination, as SQS or SNS delivers it or bare",
      parseFile("--on-failure-record"),
    );
  return addPlanOptions(addSourceOptions(command))
    .option(
      "--max-concurrent-ranges <n>",
      "most ranges that are open at a time",
      parseCount("--max-concurrent-ranges", { max: MAX_CONCURRENT_RANGES }),
    )
    .option("--unordered", "ranges of one partition may run beside one another")
    .option("--dry-run", "print the ranges, and request nothing")
    .option(
      "--wait",
      "follow the request to its end; exit 1 unless every offset was processed or is invisible (a record that the code rejected was not)",
    )
    .option("--endpoint-url <url>", "Lambda endpoint, instead of AWS's own", parseEndpointUrl("--endpoint-url"))
    .action((options: ReprocessArguments) =>
      choose(async (terminal) => (await import("../run/reprocess.ts")).runReprocess(options, terminal)),
    );
}
