/** `10 offsets = 9 processed + 1 quarantined`: the parts that there are of a total, as numbers or as JSON has them. */
export function describeOffsets(total: bigint | string, parts: Readonly<Record<string, bigint | string>>): string {
  const present = Object.entries(parts).filter(([, count]) => BigInt(count) !== 0n);
  const sum = present.map(([name, count]) => `${count} ${name}`).join(" + ");
  return present.length === 0 ? `${total} offsets` : `${total} offsets = ${sum}`;
}
