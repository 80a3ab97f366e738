import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { renderTable } from "./documents.ts";

/** The functions' environment, from the schemas that decode it. */
export function renderVariables(): string {
  const keys = { ...schedulerEnvironment.shape, ...processorEnvironment.shape };
  return renderTable(
    ["Variable", "Meaning"],
    Object.entries(keys).map(([key, schema]) => {
      const variable = `RANGES_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
      const isShared = key in processorEnvironment.shape && key in schedulerEnvironment.shape;
      const who = isShared ? "" : key in schedulerEnvironment.shape ? "Scheduler: " : "Processor: ";
      return [`\`${variable}\``, `${who}${schema.meta()?.description}`];
    }),
  );
}
