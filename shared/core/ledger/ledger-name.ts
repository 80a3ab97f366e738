/** Safe as a part of a ledger key and of a resource's name; the length leaves a range's item room in one write unit. */
const ledgerNamePattern = /^[A-Za-z0-9._-]{1,64}$/;

/** What a ledger name looks like, for messages. */
export const LEDGER_NAME_RULE = "1 to 64 letters, digits, dots, hyphens or underscores";

/** Whether this may name a pipeline or a reprocess request. */
export function isLedgerName(name: string): boolean {
  return ledgerNamePattern.test(name);
}
