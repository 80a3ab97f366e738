import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProgram } from "../../functions/cli/program/program.ts";
import { postgresSchema } from "../../shared/postgres/output/position-table.ts";
import { ROOT } from "./documents.ts";
import { readPublicSurface, renderPublicSurface } from "./public-surface.ts";
import { coveredElsewhere, renderCoverage } from "./render-coverage.ts";
import { renderEntries } from "./render-entries.ts";
import { renderOptions } from "./render-options.ts";
import { renderParameters } from "./render-parameters.ts";
import { parseProps, renderProps } from "./render-props.ts";
import { renderRoles } from "./render-roles.ts";
import { renderSettings } from "./render-settings.ts";
import { renderVariables } from "./render-variables.ts";
import { renderWrongSettings } from "./render-wrong-settings.ts";

/** The interfaces that a pipeline's props are made of, in the order of the document. */
export const PROPS = [
  { file: "cdk/lib/kafka/kafka-props.ts", name: "KafkaProps" },
  { file: "cdk/lib/range-pipeline-props.ts", name: "RangePipelineProps" },
  { file: "cdk/lib/location/location-props.ts", name: "LocationProps" },
  { file: "cdk/lib/props/pipeline-function-props.ts", name: "PipelineFunctionProps" },
] as const;

/** What documents take from the code, by the name of its block. */
export function generatedBlocks(): ReadonlyMap<string, string> {
  const props = PROPS.flatMap(({ file, name }) => parseProps(readFileSync(join(ROOT, file), "utf8"), name));
  const commands = createProgram(() => undefined).commands.flatMap((command) =>
    command.commands.length === 0
      ? [{ name: command.name(), command }]
      : command.commands.map((one) => ({ name: `${command.name()} ${one.name()}`, command: one })),
  );
  return new Map([
    ["props", renderProps(props)],
    ["variables", renderVariables()],
    ["template parameters", renderParameters()],
    ["public surface", renderPublicSurface(readPublicSurface())],
    ["Kafka's settings", renderSettings()],
    ["entries", renderEntries()],
    ["roles", renderRoles()],
    ["postgres schema", `\`\`\`sql\n${postgresSchema()}\`\`\`\n`],
    ["wrong settings", renderWrongSettings()],
    ["coverage", renderCoverage(coveredElsewhere())],
    ...commands.map(({ name, command }) => [`ranges ${name}`, renderOptions(command)] as const),
  ]);
}
