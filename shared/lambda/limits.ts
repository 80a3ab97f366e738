// Lambda limits. Durations are in milliseconds, sizes in bytes.

/** Lambda's asynchronous payload limit is 1 MB; a dispatched range needs about 1 KB. */
export const MAX_DISPATCH_BYTES = 256_000;

/** One try of an asynchronous Invoke, which answers within milliseconds, and how many there are. */
export const LAMBDA_TIMEOUT_MS = 5_000;
export const LAMBDA_MAX_TRIES = 3;
