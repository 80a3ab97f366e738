/** What JSON can hold of `value`: bigints become decimal strings, absent fields go. */
export function toJson(value: unknown): unknown {
  return JSON.parse(stringify(value));
}

/** JSON text in which bigints are decimal strings. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
}
