import { ConfigurationError } from "../shared/core/errors.ts";

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
