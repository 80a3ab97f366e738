import type { Logger } from "@aws-lambda-powertools/logger";
import { RACK_OF_AVAILABILITY_ZONE } from "../../shared/wire/environment/function-environment.ts";
import { type MetadataEndpoint, readMetadataEndpoint } from "./processor-config.ts";

/** A call inside the execution environment. */
const METADATA_TIMEOUT_MS = 1_000;

/**
 * Finds the rack to read from. Empty for none: also where the zone cannot be found out, since every record can be read
 * from its leader. It is asked when a range is read, and again for the next one after a failure: an environment that
 * froze in the midst of the question loses no more than that answer.
 */
export function createRackFinder(
  configured: string | undefined,
  logger: Pick<Logger, "warn">,
  endpoint: MetadataEndpoint | undefined = readMetadataEndpoint(),
): () => Promise<string> {
  if (configured !== RACK_OF_AVAILABILITY_ZONE) {
    return async () => configured ?? "";
  }
  let known: string | undefined;
  return async () => {
    try {
      known ??= await fetchAvailabilityZoneId(endpoint);
      return known;
    } catch (error) {
      logger.warn("the availability zone is unknown: reading from the partition's leader", { cause: String(error) });
      return "";
    }
  };
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
