/** How long brokers have told this client to wait, by the quotas of its client id and user (KIP-219). */
export class ThrottleMeter {
  #totalMs = 0;

  /** Of all answers so far, in ms: grows and never goes back. */
  get totalMs(): number {
    return this.#totalMs;
  }

  add(throttleTimeMs: number): void {
    this.#totalMs += Math.max(throttleTimeMs, 0);
  }
}
