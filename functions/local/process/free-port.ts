import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the ports that systems give to outgoing connections: there, a client that
// retries while the server is down can meet its own socket and hold the port.
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 31_999;
const MAX_TRIES = 100;

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const held = new Map<number, Server>();
  try {
    for (let tries = 0; held.size < count; tries += 1) {
      if (tries >= MAX_TRIES) {
        throw new Error(`found ${held.size} of ${count} free ports from ${LOWEST_PORT} to ${HIGHEST_PORT}`);
      }
      const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
      const server = held.has(port) ? undefined : await listen(port);
      if (server !== undefined) {
        held.set(port, server);
      }
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map(close));
  }
}

/** Whether nobody listens on any of them. */
export async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers = await Promise.all(ports.map(listen));
  await Promise.all(servers.filter((server) => server !== undefined).map(close));
  return servers.every((server) => server !== undefined);
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  } catch {
    // Taken, or reserved by the system: another one will do.
    return undefined;
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}
