// Stands between a client and PostgreSQL, and reads what the client sends message by message. As RDS Proxy, it passes no
// cancel on.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** In place of the protocol's version. */
const CANCEL_REQUEST = 80_877_102;

/** What a client sent: the letter of the protocol, and the SQL of a Parse (P) or of a simple Query (Q). */
export interface FrontendMessage {
  readonly type: string;
  /** Of a Parse: empty where the statement has no name. */
  readonly name?: string;
  readonly text?: string;
}

export interface PostgresProxy {
  readonly port: number;
  /** Of every connection, in the order in which they came. */
  readonly messages: readonly FrontendMessage[];
  /** The parameters of each connection's start. */
  readonly startups: readonly Readonly<Record<string, string>>[];
  /**
   * From now on `count` statements are passed on; then `then` is called, and what comes behind them is kept back until
   * `thaw`, or never where it was cut.
   */
  holdAfter(count: number, then?: () => void): void;
  thaw(): void;
  /** Ends every connection behind what was passed on, as a client that dies does, and refuses others until `admit`. */
  cut(): void;
  /** Ends every client's side alone: the server gets what is kept back with the next `thaw`. Others are passed on. */
  abandon(): void;
  admit(): void;
  /** Passes everything on, and ends the connection instead of its next answer that ends a transaction. */
  loseNextCommit(): void;
  close(): Promise<void>;
}

export async function startPostgresProxy(target: number): Promise<PostgresProxy> {
  const messages: FrontendMessage[] = [];
  const startups: Readonly<Record<string, string>>[] = [];
  const pairs = new Set<readonly [Socket, Socket]>();
  const abandoned = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let onHeld: (() => void) | undefined;
  let held: (() => void)[] = [];
  let isShut = false;
  let isLosing = false;
  const pass = (type: string, forward: () => void) => {
    if (left > 0) {
      // What ends a statement: the Sync behind its messages, or a simple query, which is all of it.
      left -= type === "S" || type === "Q" ? 1 : 0;
      forward();
    } else {
      held.push(forward);
    }
    if (left === 0) {
      const then = onHeld;
      onHeld = undefined;
      then?.();
    }
  };
  const endAll = () => {
    for (const [client, server] of pairs) {
      client.destroy();
      // What was written to it gets there first.
      server.end();
    }
  };
  const listener = createServer((client) => {
    if (isShut) {
      client.destroy();
      return;
    }
    const server = connect(target, "127.0.0.1");
    client.setNoDelay(true);
    server.setNoDelay(true);
    const pair = [client, server] as const;
    pairs.add(pair);
    let isStarted = false;
    const read = readMessages((bytes) => {
      if (!isStarted) {
        isStarted = true;
        if (bytes.readInt32BE(4) === CANCEL_REQUEST) {
          client.destroy();
          return;
        }
        startups.push(startupOf(bytes));
        server.write(bytes);
        return;
      }
      const message = messageOf(bytes);
      messages.push(message);
      // The password is part of the start.
      if (message.type === "p") {
        server.write(bytes);
      } else {
        pass(message.type, () => server.write(bytes));
      }
    });
    client.on("data", read);
    server.on("data", (bytes) => {
      if (isLosing && bytes.includes("COMMIT\0")) {
        isLosing = false;
        client.destroy();
        server.destroy();
      } else {
        client.write(bytes);
      }
    });
    client.on("error", () => undefined);
    server.on("error", () => undefined);
    client.on("close", () => {
      if (!abandoned.has(client)) {
        server.end();
      }
    });
    server.on("close", () => {
      pairs.delete(pair);
      client.destroy();
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port, // A TCP server has one.
    messages,
    startups,
    holdAfter: (count, then) => {
      left = count;
      onHeld = then;
    },
    thaw: () => {
      left = Number.POSITIVE_INFINITY;
      const forwards = held;
      held = [];
      for (const forward of forwards) {
        forward();
      }
    },
    cut: () => {
      isShut = true;
      held = [];
      endAll();
    },
    abandon: () => {
      left = Number.POSITIVE_INFINITY;
      for (const [client] of pairs) {
        abandoned.add(client);
        client.destroy();
      }
    },
    admit: () => {
      isShut = false;
      left = Number.POSITIVE_INFINITY;
      held = [];
    },
    loseNextCommit: () => {
      isLosing = true;
    },
    close: async () => {
      endAll();
      listener.close();
      await once(listener, "close");
    },
  };
}

/** The start has no letter before its length. */
function readMessages(onMessage: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0);
  let letter = 0;
  return (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= letter + 4 && pending.length >= letter + pending.readInt32BE(letter)) {
      const end = letter + pending.readInt32BE(letter);
      onMessage(pending.subarray(0, end));
      pending = pending.subarray(end);
      letter = 1;
    }
  };
}

function startupOf(bytes: Buffer): Readonly<Record<string, string>> {
  const words = bytes.toString("utf8", 8).split("\0");
  return Object.fromEntries(
    words.flatMap((word, index) => (index % 2 === 0 && word !== "" ? [[word, words[index + 1] ?? ""]] : [])),
  );
}

function messageOf(bytes: Buffer): FrontendMessage {
  const type = bytes.toString("latin1", 0, 1);
  const [first = "", second = ""] = bytes.toString("utf8", 5).split("\0");
  switch (type) {
    case "P":
      return { type, name: first, text: second };
    case "Q":
      return { type, text: first };
    default:
      return { type };
  }
}
