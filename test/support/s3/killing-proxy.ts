import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface KillingProxy {
  readonly endpoint: string;
  /** Requests so far. */
  readonly requests: number;
  close(): void;
}

export interface Kill {
  /** From 1. */
  readonly request: number;
  /** Before the store has seen it, or after it did what it was asked, which nobody hears. */
  readonly when: "after" | "before";
  readonly kill: () => void;
}

/** Hands requests on to a store, but for the one at which whoever asks is killed. */
export async function startKillingProxy(store: string, kill: Kill): Promise<KillingProxy> {
  let requests = 0;
  const handOn = async (incoming: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const isLast = requests === kill.request;
    if (isLast && kill.when === "before") {
      kill.kill();
      incoming.socket.destroy();
      return;
    }
    const { method = "", headers, url = "" } = incoming;
    const body = Buffer.concat(await Array.fromAsync(incoming));
    const { host: _own, connection: _hop, "content-length": _counted, ...sent } = headers;
    const answer = await fetch(new URL(url, store), {
      method,
      headers: Object.entries(sent).map(([name, value]): [string, string] => [name, String(value)]),
      ...(body.length === 0 ? {} : { body }),
    });
    const answered = Buffer.from(await answer.arrayBuffer());
    if (isLast) {
      kill.kill();
      incoming.socket.destroy();
      return;
    }
    const { "content-encoding": _plain, "transfer-encoding": _whole, ...told } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, told).end(answered);
  };
  const server = createServer((incoming, response) => {
    handOn(incoming, response).catch(() => incoming.socket.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  return {
    endpoint: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
