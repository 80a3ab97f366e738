// Warm connections
//
// The connections of one environment, kept from one invocation to the next: one for each
// range that is under way at a time.

import { MAX_WARM_CONNECTIONS } from "../limits.ts";
import { refusedConnection } from "./connection-errors.ts";
import type { ConnectionSettings, SettingsSource } from "./connection-settings.ts";
import { type ConnectOutcome, connectPostgres, type PostgresConnection } from "./postgres-connection.ts";
import { REFUSED_LOGINS } from "./sql-state.ts";

export interface ConnectionsOptions {
  readonly isPipelined: boolean;
  /** @default - over the network */
  readonly connect?: typeof connectPostgres;
}

export class WarmConnections {
  readonly #settings: SettingsSource;
  readonly #isPipelined: boolean;
  readonly #open: typeof connectPostgres;
  readonly #idle: PostgresConnection[] = [];

  constructor(settings: SettingsSource, { isPipelined, connect = connectPostgres }: ConnectionsOptions) {
    this.#settings = settings;
    this.#isPipelined = isPipelined;
    this.#open = connect;
  }

  /** One that is idle, or a new one. Throws ConfigurationError or OutputUnavailableError. */
  async take(): Promise<PostgresConnection> {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.isIdle) {
        kept.hold();
        return kept;
      }
      kept.drop();
    }
    return this.takeNew();
  }

  async takeNew(): Promise<PostgresConnection> {
    const first = await this.#connect(false);
    // A password that was changed meanwhile is read anew, once.
    const isRefused = first.kind === "refused" && REFUSED_LOGINS.has(first.refusal.state);
    const outcome = isRefused ? await this.#connect(true) : first;
    if (outcome.kind !== "connected") {
      throw refusedConnection(outcome, outcome.place);
    }
    return outcome.connection;
  }

  giveBack(connection: PostgresConnection): void {
    if (connection.isIdle && this.#idle.length < MAX_WARM_CONNECTIONS) {
      connection.release();
      this.#idle.push(connection);
    } else {
      connection.drop();
    }
  }

  async #connect(wereRefused: boolean): Promise<ConnectOutcome & { readonly place: string }> {
    const settings = await this.#settings({ wereRefused });
    return { ...(await this.#open(settings, { isPipelined: this.#isPipelined })), place: placeOf(settings) };
  }
}

function placeOf({ host, port, database, user }: ConnectionSettings): string {
  return `PostgreSQL at ${host}:${port}, database ${database}, user ${user}`;
}
