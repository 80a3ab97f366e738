/** The ledger table's key attributes, both strings. */
export const PARTITION_KEY = "pk";
export const SORT_KEY = "sk";

/** The table forgets an item once this attribute, in seconds since the epoch, has passed. */
export const EXPIRY_ATTRIBUTE = "expiresAt";
