// Limits of key stores

/** A bundle of every public authority has a quarter of a megabyte. */
export const MAX_STORE_BYTES = 8_388_608;

/** How often a store's password may be hashed: Java asks for 10,000 times, and a million take seconds. */
export const MAX_ITERATIONS = 1_000_000;

/** How deep one octet string of a PKCS #12 store may lie in another. */
export const MAX_STORE_DEPTH = 32;
