// AWS endpoint
//
// Where a service is in a region: https://docs.aws.amazon.com/general/latest/gr/rande.html

import { quoteAddress } from "../core/bounded-text.ts";
import { ConfigurationError } from "../core/errors.ts";

export interface EndpointChoice {
  /** As its endpoints begin: `dynamodb`. */
  readonly service: string;
  readonly region: string;
  /** In place of AWS's own: `AWS_ENDPOINT_URL`. */
  readonly endpointUrl?: string;
  readonly useFips?: boolean;
  readonly useDualStack?: boolean;
}

interface AwsPartition {
  readonly regions: RegExp;
  readonly suffix: string;
  /** Of endpoints that answer over IPv6 as well. */
  readonly dualStackSuffix: string;
}

/** The last takes whatever region the others do not. */
const PARTITIONS: readonly AwsPartition[] = [
  { regions: /^cn-/, suffix: "amazonaws.com.cn", dualStackSuffix: "api.amazonwebservices.com.cn" },
  { regions: /^eusc-/, suffix: "amazonaws.eu", dualStackSuffix: "api.amazonwebservices.eu" },
  { regions: /^us-iso-/, suffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov" },
  { regions: /^us-isob-/, suffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud" },
  { regions: /^eu-isoe-/, suffix: "cloud.adc-e.uk", dualStackSuffix: "api.cloud-aws.adc-e.uk" },
  { regions: /^us-isof-/, suffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov" },
  { regions: /^/, suffix: "amazonaws.com", dualStackSuffix: "api.aws" },
];

/** Throws ConfigurationError, for an `endpointUrl` that is none. */
export function awsEndpoint({ service, region, endpointUrl, useFips, useDualStack }: EndpointChoice): URL {
  if (endpointUrl !== undefined) {
    return parseEndpoint(endpointUrl, `the endpoint of ${service}, as AWS_ENDPOINT_URL has it,`);
  }
  const partition = PARTITIONS.find(({ regions }) => regions.test(region));
  const suffix = useDualStack === true ? partition?.dualStackSuffix : partition?.suffix;
  return new URL(`https://${service}${useFips === true ? "-fips" : ""}.${region}.${suffix}`);
}

/** Of AWS, or of what stands in for it. Throws ConfigurationError; `name` is where it was given. */
export function parseEndpoint(text: string, name: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigurationError(
      `${name} ${quoteAddress(text)} is not a URL of http or https; expected one such as http://127.0.0.1:4566`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(
      `${name} ${quoteAddress(text)} has a user in it; leave that out: calls are signed with the credentials of AWS`,
    );
  }
  return url;
}
