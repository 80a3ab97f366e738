import { type Command, Help } from "commander";
import { renderTable } from "./documents.ts";

/** The arguments and the options of one command, as `--help` tells them. */
export function renderOptions({ options, registeredArguments }: Command): string {
  const help = new Help();
  return renderTable(
    ["Option", "Meaning"],
    [
      ...registeredArguments.map((argument) => [
        `\`<${argument.name()}>\``,
        `required: ${help.argumentDescription(argument)}`,
      ]),
      ...options.map((option) => {
        const meaning = help.optionDescription(option);
        return [`\`${option.flags}\``, option.mandatory ? `required: ${meaning}` : meaning];
      }),
    ],
  );
}
