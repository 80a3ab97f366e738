/** Of the library's longs, signed. */
export function bigintOf(value: unknown): bigint {
  if (typeof value === "number") {
    return BigInt(value);
  }
  const { low, high } = value as { readonly low: number; readonly high: number }; // Of a long.
  return high === low >> 31 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low >>> 0);
}
