import net, { type Socket } from "node:net";
import tls, { type ConnectionOptions } from "node:tls";

const KEEP_ALIVE_MS = 60_000;

export interface DialRequest {
  readonly host: string;
  readonly port: number;
  /** Null for plaintext. */
  readonly ssl: ConnectionOptions | null;
  readonly onConnect: () => void;
}

/** A plain or TLS socket on its way; a host given by name is also the name that its certificate must bear. */
export function dial({ host, port, ssl, onConnect }: DialRequest): Socket {
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket =
    ssl === null
      ? net.connect({ host, port }, onConnect)
      : tls.connect({ host, port, ...servername, ...ssl }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
}
