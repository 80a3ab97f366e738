import type { AwsAccess } from "../../shared/aws/aws-client.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/** A local endpoint, to which any region and keys will do. */
export function localAccess(endpoint: string): AwsAccess {
  return { region: "us-east-1", credentials: () => credentials, endpoint: new URL(endpoint) };
}

/** The same for a client of the SDK. */
export function sdkAccess({ region, endpoint }: AwsAccess) {
  return { region, endpoint: endpoint.href, credentials };
}
