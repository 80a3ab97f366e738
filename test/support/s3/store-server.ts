import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { localAccess } from "../aws-access.ts";
import { ObjectStore, type StoreAnswer, type StoreRequest } from "./object-store.ts";

/** What becomes of a request: its answer, one of the test's own, or `lost`, where the store does it and nobody hears. */
export type Interference = (request: StoreRequest, number: number) => StoreAnswer | "lost" | undefined;

export interface StoreServer {
  readonly access: AwsAccess;
  readonly port: number;
  readonly store: ObjectStore;
  /** Requests so far: `PUT key?partNumber`, without values. */
  readonly requests: string[];
  interfere: Interference;
  close(): void;
}

/** A store on a port of the loopback interface, at the path of whatever bucket. */
export async function startStoreServer(store = new ObjectStore(), port = 0): Promise<StoreServer> {
  const requests: string[] = [];
  const started = { interfere: (() => undefined) as Interference };
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "", "http://store");
      const key = decodeURIComponent(url.pathname.replace(/^\/[^/]*\//, ""));
      const { method = "", headers } = incoming;
      const request = { method, key, query: url.searchParams, headers, body: Buffer.concat(pieces) };
      requests.push(`${method} ${key}?${[...url.searchParams.keys()].join("&")}`);
      const interference = started.interfere(request, requests.length);
      const answer = interference === undefined || interference === "lost" ? store.answer(request) : interference;
      if (interference === "lost") {
        incoming.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    });
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  const address = server.address() as AddressInfo; // A server on a port has one.
  return Object.assign(started, {
    access: localAccess(`http://127.0.0.1:${address.port}`),
    port: address.port,
    store,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
