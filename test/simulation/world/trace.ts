/** How many of the last events a violation prints. */
const KEPT = 40;

/** What happened in a run: the last events as text, all of them as a hash, and how often what kind of thing occurred. */
export class Trace {
  readonly #last: string[] = [];
  readonly #counts = new Map<string, number>();
  #hash = 0x811c9dc5;
  #events = 0;
  /** Called with each line. */
  onLine: (line: string) => void = () => {};

  add(at: number, who: string, what: string): void {
    this.#events += 1;
    const line = `${(at / 1_000).toFixed(3).padStart(10)} ${who.padEnd(14)} ${what}`;
    this.#last[this.#events % KEPT] = line;
    // FNV-1a over the code units: replays are compared by it, nothing else.
    for (let index = 0; index < line.length; index += 1) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(index), 0x01000193);
    }
    this.onLine(line);
  }

  /** Counts an occurrence, so that a run can be asked whether it injected what it should. */
  count(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get hash(): string {
    return `${this.#events}-${(this.#hash >>> 0).toString(16)}`;
  }

  /** Oldest first. */
  last(): readonly string[] {
    const from = (this.#events + 1) % KEPT;
    return [...this.#last.slice(from), ...this.#last.slice(0, from)].filter((line) => line !== undefined);
  }
}
