// Local AWS
//
// How clients are pointed at a LocalStack-compatible endpoint. It checks no credentials;
// an access key of twelve digits names the account, so that an app whose stacks name
// their account and region is deployed to those of that name.

/** Where a stack is deployed to. */
export interface AwsEnvironment {
  readonly account: string;
  readonly region: string;
}

/** Of a stack that names neither. */
export const LOCAL_ENVIRONMENT: AwsEnvironment = { account: "000000000000", region: "us-east-1" };

export function localEndpoint(endpoint: string) {
  // The asset bucket's name as a host name would not resolve.
  return { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint };
}

/** What every AWS client on a local endpoint is told beside where it is. */
export function localIdentity({ account, region }: AwsEnvironment = LOCAL_ENVIRONMENT) {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: "local",
  };
}

/** Keeps every AWS client from what this machine's user is to AWS. */
export const NO_AWS_IDENTITY = {
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
} as const;

/** Points every AWS client at the endpoint, and away from the user's own profile and account. */
export function localAwsVariables(endpoint: string, environment = LOCAL_ENVIRONMENT): Readonly<Record<string, string>> {
  return {
    ...localEndpoint(endpoint),
    ...localIdentity(environment),
    ...NO_AWS_IDENTITY,
    CDK_DEFAULT_ACCOUNT: environment.account,
    CDK_DEFAULT_REGION: environment.region,
  };
}

/** The shell's variables without what they say of AWS. */
export function withoutAws(shell: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(shell).filter(([name]) => !name.startsWith("AWS_")));
}

/** The configuration of an SDK's client. */
export function localClient(endpoint: string, { account, region }: AwsEnvironment = LOCAL_ENVIRONMENT) {
  return { endpoint, region, credentials: { accessKeyId: account, secretAccessKey: "local" } };
}
