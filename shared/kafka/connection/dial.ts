import net, { type OnReadOpts, type Socket } from "node:net";
import tls, { type ConnectionOptions } from "node:tls";

const KEEP_ALIVE_MS = 60_000;

export interface DialRequest {
  readonly host: string;
  readonly port: number;
  /** Null for plaintext. */
  readonly ssl: ConnectionOptions | null;
  readonly onConnect: () => void;
  /** Takes the bytes that come; the socket emits no data events then. */
  readonly onread: OnReadOpts;
}

/** A plain or TLS socket on its way; a host given by name is also the name that its certificate must bear. */
export function dial({ host, port, ssl, onConnect, onread }: DialRequest): Socket {
  const target = { host, port, onread };
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket =
    ssl === null ? net.connect(target, onConnect) : tls.connect({ ...target, ...servername, ...ssl }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
}
