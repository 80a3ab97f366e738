import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const PRODUCE = 0;
const FETCH = 1;
const SASL_HANDSHAKE = 17;

/** Stands between clients and a broker that advertises its address, and can lose answers. */
export interface KafkaProxy {
  /** host:port for clients, and for the broker to advertise. */
  readonly address: string;
  forwardTo(brokerAddress: string): void;
  /**
   * Passes the next Produce request on, and cuts the connection when the broker answers: the records are in the log,
   * and the client does not know. Resolves when it has happened.
   */
  loseNextProduceAnswer(): Promise<void>;
  /** How many connections were made, and how often somebody authenticated over them. */
  readonly counts: { readonly connections: number; readonly handshakes: number };
  /** How many connections this client made. */
  connectionsOf(clientId: string): number;
  /** What came over the connections on which this client sent Fetch requests: replicas fetch as clients do. */
  fetchedBy(clientId: string): { readonly requests: number; readonly bytes: number };
  close(): Promise<void>;
}

export async function startKafkaProxy(): Promise<KafkaProxy> {
  let target: string | undefined;
  let armed: (() => void) | undefined;
  const sockets = new Set<Socket>();
  const fetched = new Map<string, { requests: number; bytes: number }>();
  const counts = { connections: 0, handshakes: 0 };
  const clients: string[] = [];
  const server = createServer((client) => {
    counts.connections += 1;
    assert.ok(target !== undefined, "a client came before forwardTo");
    const broker = connect(Number(target.split(":")[1]), "127.0.0.1");
    let losing: (() => void) | undefined;
    let fetching = { requests: 0, bytes: 0 };
    let isKnown = false;
    const watch = watchRequests((apiKey, clientId) => {
      if (!isKnown) {
        isKnown = true;
        clients.push(clientId);
      }
      if (apiKey === SASL_HANDSHAKE) {
        counts.handshakes += 1;
      }
      if (apiKey === FETCH) {
        fetching = fetched.get(clientId) ?? fetching;
        fetching.requests += 1;
        fetched.set(clientId, fetching);
      }
      if (apiKey === PRODUCE && armed !== undefined) {
        losing = armed;
        armed = undefined;
      }
    });
    client.on("data", (bytes) => {
      watch(bytes);
      broker.write(bytes);
    });
    broker.on("data", (bytes) => {
      fetching.bytes += bytes.length;
      if (losing === undefined) {
        client.write(bytes);
        return;
      }
      client.destroy();
      losing();
    });
    closeTogether(client, broker, sockets);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    forwardTo: (brokerAddress) => {
      target = brokerAddress;
    },
    loseNextProduceAnswer: () =>
      new Promise((resolve) => {
        armed = resolve;
      }),
    counts,
    connectionsOf: (clientId) => clients.filter((client) => client === clientId).length,
    fetchedBy: (clientId) => fetched.get(clientId) ?? { requests: 0, bytes: 0 },
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, "close");
    },
  };
}

function closeTogether(client: Socket, broker: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [client, broker],
    [broker, client],
  ] as const) {
    sockets.add(one);
    // A reset is one more way to close.
    one.on("error", () => undefined);
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
  }
}

/**
 * Tells the API key and the client id of each request in a stream of bytes: int32 size, int16 API key, int16 version,
 * int32 correlation id, int16 length of the client id, and so on.
 */
function watchRequests(onRequest: (apiKey: number, clientId: string) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 6 && pending.length >= 4 + pending.readInt32BE(0)) {
      const clientIdBytes = Math.max(0, pending.readInt16BE(12));
      onRequest(pending.readInt16BE(4), pending.toString("utf8", 14, 14 + clientIdBytes));
      pending = pending.subarray(4 + pending.readInt32BE(0));
    }
  };
}
