import { decodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { type ProcessorEnvironment, processorEnvironment } from "../../shared/wire/environment/function-environment.ts";

/** Throws ConfigurationError that lists every wrong or unknown variable, and those of the pipeline's code that are not set. */
export function readProcessorConfig(
  ownVariables: readonly string[] = [],
  variables: NodeJS.ProcessEnv = process.env,
): ProcessorEnvironment {
  return decodeEnvironment(processorEnvironment, variables, ownVariables);
}

/** Lambda's: https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html. */
export interface MetadataEndpoint {
  /** host:port */
  readonly host: string;
  readonly token: string;
}

/** Undefined where the runtime has none. */
export function readMetadataEndpoint(variables: NodeJS.ProcessEnv = process.env): MetadataEndpoint | undefined {
  const host = variables["AWS_LAMBDA_METADATA_API"];
  const token = variables["AWS_LAMBDA_METADATA_TOKEN"];
  return host === undefined || token === undefined ? undefined : { host, token };
}
