// Cancel request: asks the server, by a connection of its own, to end what another connection waits for. Nothing is
// answered to it, and what stands between may not pass it on, as RDS Proxy does not.

import { CANCEL_GRACE_MS } from "../limits.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { loadPg } from "./load-pg.ts";

/** What the server called a connection when it was made. */
export interface BackendKey {
  readonly processID: number | null;
  readonly secretKey: number | null;
}

/** Resolves when it was taken or has failed, and in bounded time; never rejects. */
export async function requestCancel(
  { host, port, ssl }: ConnectionSettings,
  { processID, secretKey }: BackendKey,
): Promise<void> {
  if (processID === null || secretKey === null) {
    return;
  }
  const { Connection } = await loadPg();
  const connection = new Connection({ ssl }) as unknown as CancelConnection;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CANCEL_GRACE_MS);
  connection.on("error", () => resolve());
  connection.on("end", () => resolve());
  const ask = () => connection.cancel(processID, secretKey);
  connection.on("connect", ssl === false ? ask : () => connection.requestSsl());
  connection.on("sslconnect", ask);
  if (host.startsWith("/")) {
    connection.connect(`${host}/.s.PGSQL.${port}`);
  } else {
    connection.connect(port, host);
  }
  await promise;
  clearTimeout(timer);
  connection.stream.destroy();
}

/** What the types of `pg` leave out. */
interface CancelConnection {
  on(event: "connect" | "end" | "error" | "sslconnect", listener: () => void): void;
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  readonly stream: { destroy(): void };
}
