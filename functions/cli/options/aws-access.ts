// AWS access
//
// A command that asks AWS is told first what it lacks on this machine: the SDK
// says it in the midst of a call, and partly without a field to tell it by.

import { ConfigurationError } from "../../../shared/core/errors.ts";

/** What of an SDK client's resolved configuration is asked for. */
interface AwsConfig {
  readonly region: () => Promise<unknown>;
  readonly credentials: () => Promise<unknown>;
}

type Call = (args: never) => Promise<unknown>;

interface AwsClient {
  readonly config: AwsConfig;
  readonly middlewareStack: {
    add(middleware: (next: Call) => Call, options: { readonly step: "initialize"; readonly name: string }): void;
  };
}

/** The client, whose calls throw ConfigurationError where region or credentials are missing, or an endpoint is no URL. */
export function withAwsAccess<Client extends AwsClient>(client: Client): Client {
  const { config, middlewareStack } = client;
  const middleware = (next: Call) => async (args: never) => {
    await requireAccess(config);
    try {
      return await next(args);
    } catch (error) {
      throw explainEndpoint(error);
    }
  };
  middlewareStack.add(middleware, { step: "initialize", name: "requireAwsAccess" });
  return client;
}

async function requireAccess({ region, credentials }: AwsConfig): Promise<void> {
  await region().catch((cause: unknown) => {
    throw new ConfigurationError(
      `no AWS region (${messageOf(cause)}); set AWS_REGION (AWS_DEFAULT_REGION is not read), or the region of the profile in AWS_PROFILE`,
      { cause },
    );
  });
  await credentials().catch((cause: unknown) => {
    throw new ConfigurationError(
      `no AWS credentials (${messageOf(cause)}); log in (aws sso login), set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
      { cause },
    );
  });
}

/** The option's value is checked before; what is left are variables and profiles of AWS, and an AWS that is not there. */
function explainEndpoint(error: unknown): unknown {
  const { code, address, port, hostname } = (error ?? {}) as Readonly<
    Partial<Record<"code" | "address" | "port" | "hostname", unknown>>
  >; // Whatever was thrown; a system error has them.
  if (code === "ERR_INVALID_URL") {
    const message = "the endpoint of AWS is not a URL; check AWS_ENDPOINT_URL and endpoint_url of the profile";
    return new ConfigurationError(message, { cause: error });
  }
  if (code === "ECONNREFUSED" || code === "ENOTFOUND") {
    const where = code === "ENOTFOUND" ? String(hostname) : `${String(address)}:${String(port)}`;
    const message = `AWS does not answer at ${where} (${code}); check --endpoint-url, AWS_ENDPOINT_URL, endpoint_url of the profile, and AWS_REGION`;
    // It may be back in a moment: who waits for something asks again.
    return new Error(message, { cause: error });
  }
  return error;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
