// Signed access: how a command calls a service of AWS without a client of the SDK for it.

import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { awsEndpoint } from "../../../shared/aws/aws-endpoint.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { createLambdaClient } from "../../../shared/lambda/client.ts";
import type { AwsServiceName } from "../../aws-access.ts";
import { readEndpointUrl } from "../../lambda-config.ts";
import { requireAccess } from "./aws-access.ts";

export interface AskedPlace {
  /** In place of this machine's. */
  readonly region?: string | undefined;
  /** In place of AWS's own, and of what the variables say. */
  readonly endpointUrl?: string | undefined;
}

/**
 * Region and credentials are found as the SDK finds them for the ledger's table. Throws ConfigurationError where this
 * machine has none.
 */
export async function signedAccess(
  { service, variable }: AwsServiceName,
  { region: asked, endpointUrl: given }: AskedPlace = {},
): Promise<AwsAccess> {
  const { config } = createLambdaClient();
  const findRegion = async () => asked ?? (await config.region());
  await requireAccess({ region: findRegion, credentials: () => config.credentials() });
  const region = await findRegion();
  const [useFips, useDualStack] = await Promise.all([config.useFipsEndpoint(), config.useDualstackEndpoint()]);
  const endpointUrl = given ?? readEndpointUrl(variable);
  return {
    region,
    credentials: () => config.credentials(),
    endpoint: awsEndpoint({ service, region, useFips, useDualStack, ...omitUndefined({ endpointUrl }) }),
  };
}
