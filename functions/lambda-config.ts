import { ConfigurationError } from "../shared/core/errors.ts";

/** Whether a Lambda runtime loads this file: it names the function, and nobody else may. */
export function isInLambda(variables: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(variables["AWS_LAMBDA_FUNCTION_NAME"]);
}

/**
 * A variable of a pipeline's own code, read when it is called. Throws ConfigurationError where it is not set. Named in
 * `variables` of createRangeProcessor, it is missed when the function starts.
 */
export function requireVariable(name: string, variables: NodeJS.ProcessEnv = process.env): string {
  const value = variables[name];
  if (value === undefined || value === "") {
    throw new ConfigurationError(`${name} is not set: the pipeline's code reads it; set it in processorEnvironment`);
  }
  return value;
}

/** Where the function runs. Throws ConfigurationError where Lambda's variable is not set. */
export function readRegion(variables: NodeJS.ProcessEnv = process.env): string {
  const region = variables["AWS_REGION"];
  if (region === undefined || region === "") {
    throw new ConfigurationError("AWS_REGION is not set: expected the region of the MSK cluster");
  }
  return region;
}

/** Takes Lambda's application log level out of the environment where Powertools' own variable says another. */
export function preferOwnLogLevel(variables: NodeJS.ProcessEnv = process.env): void {
  if (variables["POWERTOOLS_LOG_LEVEL"]) {
    delete variables["AWS_LAMBDA_LOG_LEVEL"];
  }
}
