import type { ConnectOptions } from "./kafka-options.ts";

/** Who the broker takes a connection for, as its ACLs name it; undefined where that is for the broker to derive. */
export function principalOf({ sasl, ssl }: Pick<ConnectOptions, "sasl" | "ssl">): string | undefined {
  if (sasl === undefined) {
    return hasClientCertificate(ssl) ? undefined : "User:ANONYMOUS";
  }
  return "username" in sasl ? `User:${sasl.username}` : undefined;
}

export function hasClientCertificate(ssl: ConnectOptions["ssl"] | null): boolean {
  return ssl?.cert !== undefined || ssl?.pfx !== undefined;
}
