// Bootstrap server
//
// An entry of `bootstrap.servers` as Kafka's own clients take it (ClientUtils.java):
// `host:port`, with IPv6 addresses in brackets, and a security protocol in front. Java
// skips the protocol; here it has to be the one that is used.

import { quoteAddress } from "../bounded-text.ts";
import { ConfigurationError } from "../errors.ts";

export const SECURITY_PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;

export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number];

export interface BootstrapServer {
  readonly host: string;
  readonly port: number;
}

const ENTRY = /^(?:(\w+):\/\/)?(?:\[([\w.%:-]+)\]|([\w.%-]+)):(\d{1,5})$/;
const MAX_PORT = 65_535;

/** Throws ConfigurationError that quotes the text and says what is wrong with it. `protocol` is the one that is used. */
export function parseBootstrapServer(text: string, protocol?: SecurityProtocol): BootstrapServer {
  const refuse = (why: string): never => {
    throw new ConfigurationError(`bootstrap server ${quoteAddress(text)} ${why}`);
  };
  const [, before, bracketed, plain, digits] = ENTRY.exec(text.trim()) ?? [];
  const host = bracketed ?? plain ?? refuse("is not host:port, with IPv6 addresses in brackets");
  const port = Number(digits);
  if (port < 1 || port > MAX_PORT) {
    refuse(`is not host:port: a port is from 1 to ${MAX_PORT}`);
  }
  if (before !== undefined) {
    const named = SECURITY_PROTOCOLS.find((one) => one === before.toUpperCase());
    if (named === undefined) {
      refuse(`is not host:port: ${before} is none of ${SECURITY_PROTOCOLS.join(", ")}`);
    }
    if (protocol !== undefined && named !== protocol) {
      refuse(`says ${named}, but the security protocol is ${protocol}`);
    }
  }
  return { host, port };
}

/**
 * The servers of a list, with the last one in front that has a user in it, which none may have: a password with a comma in
 * it is in two of a list that was a text, and only the later one shows that.
 */
export function serversToJudge(servers: readonly string[]): readonly string[] {
  const withUser = servers.findLast((server) => server.includes("@"));
  return withUser === undefined ? servers : [withUser, ...servers];
}
