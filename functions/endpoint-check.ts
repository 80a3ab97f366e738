// Endpoint check
//
// Whether the services that a function cannot do without can be reached at all. In a
// VPC without a route to one of them each call would wait for its own time-out, and a
// run of thousands would fail one by one, for a reason that none of them names.
//
//   EC1  What cannot be reached is named within ENDPOINT_TIMEOUT_MS, before any work.
//   EC2  What was reached once is not asked again in this environment.

import { once } from "node:events";
import net from "node:net";
import { ConfigurationError } from "../shared/core/errors.ts";
import { ENDPOINT_TIMEOUT_MS } from "../shared/core/limits.ts";

export interface NeededEndpoint {
  /** As AWS names the service of a VPC endpoint: `dynamodb`, `lambda`, `sqs`. */
  readonly service: string;
  readonly url: URL;
}

/** The check throws ConfigurationError that names every service out of reach, with the remedy. */
export function createEndpointCheck(endpoints: readonly NeededEndpoint[]): () => Promise<void> {
  let unreached = endpoints;
  return async () => {
    const problems = await Promise.all(
      unreached.map(async (endpoint) => ({ endpoint, why: await tryEndpoint(endpoint) })),
    );
    const missing = problems.filter(({ why }) => why !== undefined);
    unreached = missing.map(({ endpoint }) => endpoint);
    if (missing.length > 0) {
      throw new ConfigurationError(
        `${missing.map(({ endpoint: { service }, why }) => `${service}: ${why}`).join("; ")}; a function in a VPC reaches it by a NAT gateway or a VPC endpoint of that service, which its subnets' route tables or its security group let through`,
      );
    }
  };
}

/** Why it cannot be reached. */
async function tryEndpoint({ url }: NeededEndpoint): Promise<string | undefined> {
  const { hostname, port, protocol } = url;
  const target = { host: hostname, port: Number(port === "" ? defaultPorts[protocol] : port) };
  const socket = net.connect(target);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(ENDPOINT_TIMEOUT_MS) });
    return undefined;
  } catch (error) {
    const why =
      error instanceof Error && error.name === "AbortError"
        ? `no answer within ${ENDPOINT_TIMEOUT_MS} ms`
        : String(error);
    return `${target.host}:${target.port} cannot be reached (${why})`;
  } finally {
    socket.destroy();
  }
}

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
