/** Safe as a part of a ledger key, of a function's name and of a log group's. */
const ledgerNamePattern = /^[A-Za-z0-9._-]{1,128}$/;

/** Whether this may name a pipeline or a reprocess request: 1 to 128 letters, digits, dots, hyphens or underscores. */
export function isLedgerName(name: string): boolean {
  return ledgerNamePattern.test(name);
}
