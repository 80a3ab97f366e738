import type { ConnectionOptions } from "node:tls";

/** Where a database is, and as whom to enter it. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** False without TLS. */
  readonly ssl: ConnectionOptions | false;
}

/**
 * Asked for each connection; `wereRefused` after the server refused the user or the password that it said last. Throws
 * ConfigurationError, or OutputUnavailableError.
 */
export type SettingsSource = (question: { readonly wereRefused: boolean }) => Promise<ConnectionSettings>;

/** Whether nothing of a connection leaves this machine. */
export function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host) || host.startsWith("/");
}
