import type { Principal } from "../refusals/refusal-remedies.ts";
import { certificatePrincipal } from "./certificate-principal.ts";
import type { ConnectOptions } from "./kafka-options.ts";

/** Who the broker takes a connection for; undefined where only the broker knows. */
export function principalOf({ sasl, ssl }: Pick<ConnectOptions, "sasl" | "ssl">): Principal | undefined {
  if (sasl !== undefined) {
    return "username" in sasl ? { name: `User:${sasl.username}`, isOfCertificate: false } : undefined;
  }
  if (!hasClientCertificate(ssl)) {
    return { name: "User:ANONYMOUS", isOfCertificate: false };
  }
  const name = certificatePrincipal(ssl?.cert);
  return name === undefined ? undefined : { name, isOfCertificate: true };
}

export function hasClientCertificate(ssl: ConnectOptions["ssl"] | null): boolean {
  return ssl?.cert !== undefined || ssl?.pfx !== undefined;
}
