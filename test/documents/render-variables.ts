import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { manifestEnvironment } from "../../shared/wire/environment/manifest-environment.ts";
import { VARIABLE_MEANINGS } from "../../shared/wire/environment/variable-meanings.ts";
import { renderTable } from "./documents.ts";

/** The functions' environment, from the schemas that decode it. */
export function renderVariables(): string {
  const keys = Object.keys({
    ...schedulerEnvironment.shape,
    ...processorEnvironment.shape,
    ...manifestEnvironment.shape,
  });
  return renderTable(
    ["Variable", "Meaning"],
    (keys as (keyof typeof VARIABLE_MEANINGS)[]).map((key) => {
      const variable = `RANGES_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
      return [`\`${variable}\``, `${whoOf(key)}${VARIABLE_MEANINGS[key]}`];
    }),
  );
}

function whoOf(key: string): string {
  const isShared = key in processorEnvironment.shape && key in schedulerEnvironment.shape;
  if (isShared) {
    return "";
  }
  if (key in schedulerEnvironment.shape) {
    return "Scheduler: ";
  }
  return key in processorEnvironment.shape ? "Processor: " : "Manifests: ";
}
