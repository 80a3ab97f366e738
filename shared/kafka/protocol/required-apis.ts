import { ConfigurationError } from "../../core/errors.ts";
import type { ApiCall } from "./api-call.ts";
import { fetchV13 } from "./fetch-v13.ts";
import { listOffsetsV7 } from "./list-offsets-v7.ts";
import { metadataV12 } from "./metadata-v12.ts";
import { offsetForLeaderEpochV4 } from "./offset-for-leader-epoch-v4.ts";

/** What only the listener of a KRaft controller has. */
const BROKER_REGISTRATION = 62;

/** What a listener serves, by API key. */
export type ApiVersions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;

type NeededApi = Pick<ApiCall<never, unknown>, "name" | "apiKey" | "apiVersion">;

/** Throws ConfigurationError unless the listener serves every request that is ours, and those that are needed besides. */
export function requireApis(where: string, versions: ApiVersions, besides: readonly NeededApi[]): void {
  if (versions[metadataV12.apiKey] === undefined && versions[BROKER_REGISTRATION] !== undefined) {
    throw new ConfigurationError(
      `${where} is a controller's listener (controller.listener.names), which has no records; name a broker's listener`,
    );
  }
  for (const call of [metadataV12, listOffsetsV7, offsetForLeaderEpochV4, fetchV13, ...besides]) {
    const { minVersion = 0, maxVersion = -1 } = versions[call.apiKey] ?? {};
    if (!servesApi(versions, call)) {
      throw new ConfigurationError(
        `${where} speaks ${call.name} from v${minVersion} to v${maxVersion}, not v${call.apiVersion}; Kafka 3.1 or later is needed`,
      );
    }
  }
}

/** Whether the listener serves this version of a request. */
export function servesApi(
  versions: ApiVersions | undefined,
  { apiKey, apiVersion }: Pick<NeededApi, "apiKey" | "apiVersion">,
): boolean {
  const { minVersion = 0, maxVersion = -1 } = versions?.[apiKey] ?? {};
  return minVersion <= apiVersion && apiVersion <= maxVersion;
}
