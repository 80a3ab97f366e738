// AWS access
//
// A command that asks AWS is told first what it lacks on this machine: the SDK
// says it in the midst of a call, and partly without a field to tell it by. What AWS
// answers is explained where the request is known (explain-aws-error.ts).

import { ConfigurationError } from "../../../shared/core/errors.ts";
import { type AwsResource, explainAwsError } from "./explain-aws-error.ts";

/** What of an SDK client's resolved configuration is asked for. */
export interface AwsConfig {
  readonly region: () => Promise<unknown>;
  readonly credentials: () => Promise<unknown>;
}

type Call = (args: never) => Promise<unknown>;

interface AwsClient {
  readonly config: AwsConfig;
  readonly middlewareStack: {
    add(middleware: (next: Call) => Call, options: { readonly step: "initialize"; readonly name: string }): void;
    add(middleware: (next: Call) => Call, options: { readonly step: "build"; readonly name: string }): void;
  };
}

/**
 * The client, whose calls throw ConfigurationError where region or credentials are missing, an endpoint is no URL, or
 * AWS refuses who asks or what is asked for, each with what to do about it.
 */
export function withAwsAccess<Client extends AwsClient>(client: Client, resource: AwsResource): Client {
  const { config, middlewareStack } = client;
  const requireAll = (next: Call) => async (args: never) => {
    await requireAccess(config);
    try {
      return await next(args);
    } catch (error) {
      throw explainUrl(error);
    }
  };
  // Outside of the SDK's tries, and where the request has its endpoint.
  const explain = (next: Call) => async (args: never) => {
    try {
      return await next(args);
    } catch (error) {
      const region = String(await config.region());
      throw explainAwsError(error, { ...resource, region, endpoint: endpointOf(args) });
    }
  };
  middlewareStack.add(requireAll, { step: "initialize", name: "requireAwsAccess" });
  middlewareStack.add(explain, { step: "build", name: "explainAwsErrors" });
  return client;
}

/** Of a request of the SDK. */
function endpointOf({ request }: SentArguments): string {
  const { protocol, hostname, port } = request;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}

interface SentArguments {
  readonly request: { readonly protocol: string; readonly hostname: string; readonly port?: number };
}

/** Throws ConfigurationError that says what is missing on this machine. */
export async function requireAccess({ region, credentials }: AwsConfig): Promise<void> {
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

/** The option's value is checked before; what is left are variables and profiles of AWS. */
function explainUrl(error: unknown): unknown {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_URL"
    ? new ConfigurationError(
        "the endpoint of AWS is not a URL; check AWS_ENDPOINT_URL and endpoint_url of the profile",
        { cause: error },
      )
    : error;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
