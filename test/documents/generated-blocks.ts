import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProgram } from "../../functions/cli/commands/commands.ts";
import { ROOT } from "./documents.ts";
import { renderOptions } from "./render-options.ts";
import { parseProps, renderProps } from "./render-props.ts";
import { renderVariables } from "./render-variables.ts";

const PROPS = "cdk/lib/range-pipeline-props.ts";

/** What documents take from the code, by the name of its block. */
export function generatedBlocks(): ReadonlyMap<string, string> {
  const props = parseProps(readFileSync(join(ROOT, PROPS), "utf8"), "RangePipelineProps");
  const { commands } = createProgram(() => undefined);
  return new Map([
    ["props", renderProps(props)],
    ["variables", renderVariables()],
    ...commands.map((command) => [`ranges ${command.name()}`, renderOptions(command)] as const),
  ]);
}
