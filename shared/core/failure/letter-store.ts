/** One copy of a dead letter, as its store has it. */
export interface StoredLetter {
  /** Names this copy in its store: a message, an object as it is now, a record's place. */
  readonly copy: string;
  /** When the store got it, in milliseconds since the epoch. */
  readonly keptAt: number;
  /** The letter's JSON. */
  readonly body: string;
}

/** What a look may be limited to; what a store cannot limit by is left to whoever looks. */
export interface LetterScope {
  readonly pipeline?: string | undefined;
  readonly topic?: string | undefined;
}

/** A target of dead letters, as whoever deals with them sees it. */
export interface LetterStore {
  /** Every copy that is there and is not removed, in no order; copies of one letter are told by its id. */
  browse(scope: LetterScope, signal: AbortSignal): AsyncIterable<StoredLetter>;
  /** Removes exactly these copies: a letter that was written since stays. One that is gone already is no error. */
  remove(copies: readonly StoredLetter[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
