import { setTimeout as delay } from "node:timers/promises";
import { areFree, findFreePorts } from "./free-port.ts";
import { type SupervisedProcess, type SupervisedProcessOptions, startSupervised } from "./supervised-process.ts";

const POLL_MS = 25;
const MAX_PORT_TRIES = 4;

export interface ServerOptions extends SupervisedProcessOptions {
  /** What the server itself prints once it takes requests. */
  readonly readyLine: string;
  readonly deadlineMs: number;
}

/** The server ended, or was not ready in time; it is gone. */
class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  /** Another process took a port between our choice and the server's bind. */
  readonly isPortTaken: boolean;

  constructor(message: string, log: string) {
    super(message);
    this.isPortTaken = /address (is )?already in use|is already in use|EADDRINUSE/i.test(log);
  }
}

/** Starts a server and waits until it says that it is ready. */
export async function startServer({ readyLine, deadlineMs, ...options }: ServerOptions): Promise<SupervisedProcess> {
  const server = startSupervised(options);
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    if (server.hasExited()) {
      throw failure(server, `ended with ${await server.exited} before it was ready`);
    }
    if (server.readLog().includes(readyLine)) {
      return server;
    }
    if (Date.now() > deadline) {
      await server.kill();
      throw failure(server, `did not print "${readyLine}" within ${deadlineMs / 1_000} s`);
    }
    await delay(POLL_MS);
  }
}

/** Calls `start` with free ports, those of `wanted` if they are free, and with others when one was taken meanwhile. */
export async function withFreePorts<Started>(
  count: number,
  start: (ports: readonly number[]) => Promise<Started>,
  wanted: readonly number[] = [],
): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    try {
      const isWanted = tries === 1 && wanted.length === count && (await areFree(wanted));
      return await start(isWanted ? wanted : await findFreePorts(count));
    } catch (error) {
      if (!(error instanceof ServerStartError && error.isPortTaken && tries < MAX_PORT_TRIES)) {
        throw error;
      }
    }
  }
}

function failure(server: SupervisedProcess, what: string): ServerStartError {
  const log = server.readLog();
  return new ServerStartError(`${server.name} ${what}; its last lines:\n${server.lastLogLines()}`, log);
}
