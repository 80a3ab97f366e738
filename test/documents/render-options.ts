import { type Command, Help } from "commander";
import { renderTable } from "./documents.ts";

/** The options of one command, as `--help` tells them. */
export function renderOptions({ options }: Command): string {
  const help = new Help();
  return renderTable(
    ["Option", "Meaning"],
    options.map((option) => {
      const meaning = help.optionDescription(option);
      return [`\`${option.flags}\``, option.mandatory ? `required: ${meaning}` : meaning];
    }),
  );
}
