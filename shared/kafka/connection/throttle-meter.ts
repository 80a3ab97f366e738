/** What says how long its broker has told it to wait, in ms: it grows and never goes back. */
interface Throttled {
  readonly throttleTimeMs: number;
}

/** How long brokers have told one user of connections to wait, by the quotas of its client id and user (KIP-219). */
export class ThrottleMeter {
  #pastMs = 0;
  /** What each connection in use had been told before. */
  readonly #before = new Map<Throttled, number>();

  /** Of all answers so far, in ms: grows and never goes back. */
  get totalMs(): number {
    return [...this.#before].reduce((sum, [one, before]) => sum + one.throttleTimeMs - before, this.#pastMs);
  }

  /** Counts what the connection is told from now on; `isNew` also what it was told as it was opened. */
  begin(connection: Throttled, isNew: boolean): void {
    this.#before.set(connection, isNew ? 0 : connection.throttleTimeMs);
  }

  end(connection: Throttled): void {
    const before = this.#before.get(connection);
    this.#before.delete(connection);
    this.#pastMs += before === undefined ? 0 : connection.throttleTimeMs - before;
  }
}
