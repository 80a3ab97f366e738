import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface TlsFront extends Disposable {
  /** With the path of what is behind it. */
  readonly url: string;
}

/** TLS in front of a registry, for clients that have a certificate of the options' authorities. */
export async function startTlsFront(registry: string, options: ServerOptions): Promise<TlsFront> {
  const { origin, pathname } = new URL(registry);
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    fetch(`${origin}${request.url ?? ""}`).then(
      async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
      () => response.destroy(),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  return {
    url: `https://localhost:${port}${pathname}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
