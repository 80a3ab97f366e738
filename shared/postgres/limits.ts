// PostgreSQL limits. Durations are in milliseconds, sizes in bytes.

/** What is written between two commits is kept, so that it can be played again: from here on a commit is due. */
export const DUE_OUTPUTS = 10_000;
export const DUE_BYTES = 8_000_000;

/** And this much is refused: code that writes without ever committing. */
export const MAX_KEPT_OUTPUTS = 200_000;
export const MAX_KEPT_BYTES = 128_000_000;

/** Name and TLS included; a database that fails over answers with a refusal, or not at all. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Of reading where a chain stands; it waits for an earlier attempt's transaction to end. */
export const POSITION_TIMEOUT_MS = 10_000;

/** Of a transaction as a whole. */
export const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000;
export const MAX_TRANSACTION_TIMEOUT_MS = 840_000;

/** What a statement may still take that the server was asked to cancel, and the asking itself. */
export const CANCEL_GRACE_MS = 2_000;

/** Times that one commit is played, after a deadlock, a serialization failure or a lost connection. */
export const MAX_PLAYS = 6;

/** Connections that one `open` tries: one that was kept warm, and others. */
export const MAX_OPEN_TRIES = 2;

/** The pause before a transaction is played again is at most this, and twice as long before each further time. */
export const REPLAY_BASE_MS = 20;
export const REPLAY_CAP_MS = 1_000;

/** Connections that are kept between invocations: one for each range at a time. */
export const MAX_WARM_CONNECTIONS = 8;

/** Probes of a connection that says nothing begin after this long. */
export const KEEP_ALIVE_DELAY_MS = 30_000;

/** Of each part of a table's name: NAMEDATALEN. */
export const MAX_IDENTIFIER_BYTES = 63;
