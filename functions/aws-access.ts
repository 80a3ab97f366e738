// AWS access: where a function's services are, and as whom it calls them, by what Lambda tells it.

import { readFileSync } from "node:fs";
import { AwsCallError } from "../shared/aws/aws-call-error.ts";
import type { AwsAccess } from "../shared/aws/aws-client.ts";
import { type CredentialsProvider, createEndpointCredentials } from "../shared/aws/aws-credentials.ts";
import { awsEndpoint } from "../shared/aws/aws-endpoint.ts";
import { omitUndefined } from "../shared/core/omit-undefined.ts";
import { type AwsEnvironment, readAwsEnvironment } from "./lambda-config.ts";

/** As its endpoints begin, `secretsmanager`, and as the variable of its own endpoint ends, `SECRETS_MANAGER`. */
export interface AwsServiceName {
  readonly service: string;
  readonly variable: string;
}

export const DYNAMODB: AwsServiceName = { service: "dynamodb", variable: "DYNAMODB" };
export const LAMBDA: AwsServiceName = { service: "lambda", variable: "LAMBDA" };
export const KAFKA: AwsServiceName = { service: "kafka", variable: "KAFKA" };
export const S3: AwsServiceName = { service: "s3", variable: "S3" };
export const SQS: AwsServiceName = { service: "sqs", variable: "SQS" };
export const SSM: AwsServiceName = { service: "ssm", variable: "SSM" };
export const RDS: AwsServiceName = { service: "rds", variable: "RDS" };
export const GLUE: AwsServiceName = { service: "glue", variable: "GLUE" };
export const SECRETS_MANAGER: AwsServiceName = { service: "secretsmanager", variable: "SECRETS_MANAGER" };

/** The service in another region than the function's. */
export function awsAccessIn(region: string, service: AwsServiceName): AwsAccess {
  return awsAccessOf(service, { ...readAwsEnvironment(service.variable), region });
}

/** Throws ConfigurationError where Lambda's own variables are not set. */
export function awsAccessOf(
  { service, variable }: AwsServiceName,
  environment = readAwsEnvironment(variable),
): AwsAccess {
  const { region, endpointUrl, useFips, useDualStack } = environment;
  return {
    region,
    credentials: credentialsOf(environment),
    endpoint: awsEndpoint({ service, region, useFips, useDualStack, ...omitUndefined({ endpointUrl }) }),
  };
}

function credentialsOf({ credentials, credentialsEndpoint }: AwsEnvironment): CredentialsProvider {
  if (credentials !== undefined) {
    return () => credentials;
  }
  if (credentialsEndpoint === undefined) {
    return () => Promise.reject(NO_CREDENTIALS);
  }
  const { url, authorizationToken, authorizationTokenFile } = credentialsEndpoint;
  return createEndpointCredentials({
    url,
    // The file's content changes while the function lives.
    authorizationToken: () =>
      authorizationTokenFile === undefined ? authorizationToken : readFileSync(authorizationTokenFile, "utf8").trim(),
  });
}

const NO_CREDENTIALS = new AwsCallError(
  "no AWS credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor AWS_CONTAINER_CREDENTIALS_FULL_URI are set; Lambda sets them for a function with a role",
  { name: "CredentialsProviderError" },
);
