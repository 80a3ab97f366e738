/** The ledger table's attributes that its definition needs: part of the stored format, never renamed. */
export const LEDGER_TABLE = { partitionKey: "pk", sortKey: "sk", timeToLive: "expiresAt" } as const;
