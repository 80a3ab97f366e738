import type { AwsCredentials } from "../shared/aws/sign-request.ts";
import { ConfigurationError } from "../shared/core/errors.ts";
import { omitUndefined } from "../shared/core/omit-undefined.ts";

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

/** The pipeline's brokers, separated by commas; empty outside of Lambda. */
export function readBootstrapServers(variables: NodeJS.ProcessEnv = process.env): string {
  return variables["RANGES_BOOTSTRAP_SERVERS"] ?? "";
}

/** Where the function runs. Throws ConfigurationError where Lambda's variable is not set. */
export function readRegion(variables: NodeJS.ProcessEnv = process.env): string {
  const region = variables["AWS_REGION"];
  if (region === undefined || region === "") {
    throw new ConfigurationError(
      "AWS_REGION is not set: expected the region of the function, which Lambda sets, or of the MSK cluster",
    );
  }
  return region;
}

/** Takes Lambda's application log level out of the environment where Powertools' own variable says another. */
export function preferOwnLogLevel(variables: NodeJS.ProcessEnv = process.env): void {
  if (variables["POWERTOOLS_LOG_LEVEL"]) {
    delete variables["AWS_LAMBDA_LOG_LEVEL"];
  }
}

/** What the variables that every AWS SDK knows say: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
export interface AwsEnvironment {
  readonly region: string;
  readonly endpointUrl?: string;
  readonly useFips: boolean;
  readonly useDualStack: boolean;
  readonly credentials?: AwsCredentials;
  readonly credentialsEndpoint?: {
    readonly url: string;
    readonly authorizationToken?: string;
    readonly authorizationTokenFile?: string;
  };
}

/** In place of AWS's own endpoint of the service, which ends the variable: `SQS`. */
export function readEndpointUrl(service: string, variables: NodeJS.ProcessEnv = process.env): string | undefined {
  const read = (name: string) => (variables[name] === "" ? undefined : variables[name]);
  return read("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.toLowerCase() === "true"
    ? undefined
    : (read(`AWS_ENDPOINT_URL_${service}`) ?? read("AWS_ENDPOINT_URL"));
}

/** `service` ends the variable of its own endpoint: `SECRETS_MANAGER`. Throws ConfigurationError without a region. */
export function readAwsEnvironment(service: string, variables: NodeJS.ProcessEnv = process.env): AwsEnvironment {
  const read = (name: string) => (variables[name] === "" ? undefined : variables[name]);
  const isOn = (name: string) => read(name)?.toLowerCase() === "true";
  const accessKeyId = read("AWS_ACCESS_KEY_ID");
  const secretAccessKey = read("AWS_SECRET_ACCESS_KEY");
  const sessionToken = read("AWS_SESSION_TOKEN");
  const url = read("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  return {
    region: readRegion(variables),
    useFips: isOn("AWS_USE_FIPS_ENDPOINT"),
    useDualStack: isOn("AWS_USE_DUALSTACK_ENDPOINT"),
    ...omitUndefined({
      endpointUrl: readEndpointUrl(service, variables),
    }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...omitUndefined({ sessionToken }) } }),
    ...(url === undefined
      ? {}
      : {
          credentialsEndpoint: {
            url,
            ...omitUndefined({
              authorizationToken: read("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
              authorizationTokenFile: read("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
            }),
          },
        }),
  };
}

/** Where the function's code is, and what was deployed beside it. */
export function readCodeFolder(variables: NodeJS.ProcessEnv = process.env): string {
  return variables["LAMBDA_TASK_ROOT"] || process.cwd();
}
