import {
  decodeEnvironment,
  type ProcessorEnvironment,
  processorEnvironment,
} from "../../shared/wire/function-environment.ts";

/** Throws ConfigurationError that lists every wrong or unknown variable. */
export function readProcessorConfig(variables: NodeJS.ProcessEnv = process.env): ProcessorEnvironment {
  return decodeEnvironment(processorEnvironment, variables);
}
