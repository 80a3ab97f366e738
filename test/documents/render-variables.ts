import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { VARIABLE_MEANINGS } from "../../shared/wire/environment/variable-meanings.ts";
import { renderTable } from "./documents.ts";

/** The functions' environment, from the schemas that decode it. */
export function renderVariables(): string {
  const keys = Object.keys({ ...schedulerEnvironment.shape, ...processorEnvironment.shape });
  return renderTable(
    ["Variable", "Meaning"],
    (keys as (keyof typeof VARIABLE_MEANINGS)[]).map((key) => {
      const variable = `RANGES_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
      const isShared = key in processorEnvironment.shape && key in schedulerEnvironment.shape;
      const who = isShared ? "" : key in schedulerEnvironment.shape ? "Scheduler: " : "Processor: ";
      return [`\`${variable}\``, `${who}${VARIABLE_MEANINGS[key]}`];
    }),
  );
}
