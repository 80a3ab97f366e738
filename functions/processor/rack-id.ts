import type { Logger } from "@aws-lambda-powertools/logger";
import { RACK_OF_AVAILABILITY_ZONE } from "../../shared/wire/function-environment.ts";
import { type MetadataEndpoint, readMetadataEndpoint } from "./config.ts";

/** A call inside the execution environment. */
const METADATA_TIMEOUT_MS = 1_000;

/** Empty for none: also where the zone cannot be found out, since every record can be read from its leader. */
export async function findRackId(
  configured: string | undefined,
  logger: Pick<Logger, "warn">,
  endpoint: MetadataEndpoint | undefined = readMetadataEndpoint(),
): Promise<string> {
  if (configured !== RACK_OF_AVAILABILITY_ZONE) {
    return configured ?? "";
  }
  try {
    return await fetchAvailabilityZoneId(endpoint);
  } catch (error) {
    logger.warn("the availability zone is unknown: reading from the partitions' leaders", { cause: String(error) });
    return "";
  }
}

async function fetchAvailabilityZoneId(endpoint: MetadataEndpoint | undefined): Promise<string> {
  if (endpoint === undefined) {
    throw new Error("this runtime has no metadata endpoint");
  }
  const { host, token } = endpoint;
  const response = await fetch(`http://${host}/2026-01-15/metadata/execution-environment`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(METADATA_TIMEOUT_MS),
  });
  const body: unknown = response.ok ? await response.json() : undefined;
  if (typeof body === "object" && body !== null && "AvailabilityZoneID" in body) {
    const { AvailabilityZoneID: zone } = body;
    if (typeof zone === "string" && zone !== "") {
      return zone;
    }
  }
  throw new Error(`the metadata endpoint answered ${response.status} and no zone`);
}
