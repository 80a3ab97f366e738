// PostgreSQL client
//
// What the production connection has of the library `pg`, over the simulated network: statements that
// are sent at one moment are one flight, whose answers come together. A flight that arrives is carried
// out to its end, whether its sender hears of it or not; one that is cut leaves a transaction open,
// which the server ends once it notices.

import type { Client, QueryResult } from "pg";
import type { ConnectOutcome } from "../../../../shared/postgres/connection/postgres-connection.ts";
import {
  type connectPostgres,
  PostgresConnection,
} from "../../../../shared/postgres/connection/postgres-connection.ts";
import { CONNECT_TIMEOUT_MS } from "../../../../shared/postgres/limits.ts";
import type { Network } from "../../world/network.ts";
import type { Actor, World } from "../../world/world.ts";
import { type SentText, type Session, type SimulatedPostgres, SimulatedRefusal } from "./simulated-postgres.ts";

/** Longer than the connection itself waits. */
const FLIGHT_MS = 120_000;
/** After how long, in the mean, a server notices that nobody is there any more. */
const UNNOTICED_MS = 15_000;
const LATENCY_MS = 3;
/** A deadlock, a serialization failure, and a server that ends. */
const FAULTS: readonly [Fault, ...Fault[]] = [
  ["40P01", false],
  ["40001", false],
  ["57P01", true],
];

type Fault = readonly [state: string, isFatal: boolean];

interface Waiting extends SentText {
  readonly onAnswer: OnAnswer;
}

type OnAnswer = (error: Error | null, result?: QueryResult) => void;

/** With the transaction's status behind it. */
type Answer = { readonly status: string } & (
  | { readonly rows: QueryResult["rows"]; readonly command: string }
  | { readonly refusal: SimulatedRefusal }
);

interface ClientParts {
  readonly world: World;
  readonly network: Network;
  readonly server: SimulatedPostgres;
  readonly actor: Actor;
}

/** How an actor connects. */
export function connectorOf(parts: ClientParts): typeof connectPostgres {
  const { network, actor } = parts;
  return async (_, { isPipelined }): Promise<ConnectOutcome> => {
    try {
      await network.call(actor, {
        what: "connect to PostgreSQL",
        timeoutMs: CONNECT_TIMEOUT_MS,
        apply: () => undefined,
        timeOut: () => new Error("timeout expired"),
      });
    } catch (cause) {
      return { kind: "broken", cause };
    }
    // What the connection uses of it.
    const client = new SimulatedClient(parts) as unknown as Client;
    return { kind: "connected", connection: new PostgresConnection(client, { isPipelined, refusalOf }) };
  };
}

function refusalOf(error: unknown) {
  return error instanceof SimulatedRefusal
    ? { state: error.state, message: error.message, isFatal: error.isFatal, cause: error }
    : undefined;
}

class SimulatedClient {
  readonly #parts: ClientParts;
  readonly #session: Session = { transaction: undefined, isEnded: false };
  #flight: Waiting[] = [];
  #underWay = new Set<Waiting>();
  #isDestroyed = false;
  /** Flights that the server is carrying out. */
  #running = 0;
  /** As the last answer told it. */
  #status = "I";
  readonly connection = { stream: { destroy: () => this.#destroy() } };

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  on(): void {}
  ref(): void {}
  unref(): void {}

  getTransactionStatus(): string {
    return this.#status;
  }

  async end(): Promise<void> {
    this.#destroy();
  }

  query({ text, values }: SentText, onAnswer: OnAnswer): void {
    if (this.#isDestroyed) {
      queueMicrotask(() => onAnswer(new Error("the connection is closed")));
      return;
    }
    if (this.#flight.length === 0) {
      queueMicrotask(() => void this.#send());
    }
    this.#flight.push({ text, ...(values === undefined ? {} : { values }), onAnswer });
  }

  async #send(): Promise<void> {
    const { world, network, actor } = this.#parts;
    const flight = this.#flight;
    this.#flight = [];
    for (const one of flight) {
      this.#underWay.add(one);
    }
    try {
      const answers = await network.call(actor, {
        what: `PostgreSQL ${flight.map(({ text }) => text.slice(0, 6)).join(", ")}`,
        timeoutMs: FLIGHT_MS,
        apply: () => this.#carryOut(flight),
        timeOut: () => new Error("no answer"),
      });
      // It may have waited for a lock, and its sender may be gone meanwhile.
      await world.pause(LATENCY_MS, actor);
      this.#settle(flight, answers);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle(flight: readonly Waiting[], answers: readonly Answer[]): void {
    if (answers.length < flight.length) {
      this.#fail(new Error("the connection was cut"));
      return;
    }
    for (const [index, { onAnswer }] of flight.entries()) {
      const answer = answers[index];
      this.#status = answer?.status ?? this.#status;
      if (answer !== undefined && "rows" in answer) {
        // What the output reads of it.
        const { rows, command } = answer;
        onAnswer(null, { rows, command } as QueryResult);
      } else if (answer !== undefined) {
        onAnswer(answer.refusal);
      }
    }
    for (const one of flight) {
      this.#underWay.delete(one);
    }
  }

  async #carryOut(flight: readonly Waiting[]): Promise<readonly Answer[]> {
    const { world, network, server } = this.#parts;
    const session = this.#session;
    const isCut = flight.length > 1 && world.chance(network.rates.lostRequest);
    const arrived = isCut ? flight.slice(0, world.integer(flight.length)) : flight;
    const answers: Answer[] = [];
    this.#running += 1;
    for (const statement of arrived) {
      if (!session.isEnded) {
        answers.push(await this.#runOne(statement));
      }
    }
    this.#running -= 1;
    if (isCut) {
      world.trace.count("postgres flight cut");
    }
    const left = session.transaction;
    if (left !== undefined) {
      world.after(world.interval(UNNOTICED_MS), () => {
        if (session.transaction === left && this.#running === 0) {
          world.trace.count("postgres transaction ended");
          server.end(session);
        }
      });
    }
    return answers;
  }

  async #runOne(statement: SentText): Promise<Answer> {
    const { world, network, server } = this.#parts;
    const session = this.#session;
    try {
      if (
        session.transaction !== undefined &&
        statement.text !== "COMMIT" &&
        world.chance(network.rates.throttle / 3)
      ) {
        const [state, isFatal] = world.choose(...FAULTS);
        world.trace.count(`postgres refusal ${state}`);
        if (isFatal) {
          server.end(session);
        }
        server.fail(session);
        throw new SimulatedRefusal(state, isFatal);
      }
      const isFailed = session.transaction?.isFailed === true;
      const rows = [...(await server.run(session, statement))];
      const [verb = ""] = statement.text.split(" ");
      return { rows, command: isFailed ? "ROLLBACK" : verb, status: statusOf(session) };
    } catch (error) {
      if (error instanceof SimulatedRefusal) {
        world.trace.count(`postgres refusal ${error.state}`);
        return { refusal: error, status: statusOf(session) };
      }
      throw error;
    }
  }

  #fail(error: Error): void {
    this.#isDestroyed = true;
    for (const { onAnswer } of this.#underWay) {
      onAnswer(error);
    }
    this.#underWay.clear();
  }

  #destroy(): void {
    this.#fail(new Error("the connection is closed"));
  }
}

function statusOf({ transaction }: Session): string {
  return transaction === undefined ? "I" : transaction.isFailed ? "E" : "T";
}
