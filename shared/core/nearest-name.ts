/** Beyond so many changed characters, and beyond a third of a name, it is another name. */
const MAX_CHANGES = 3;

/** The name that was probably meant, or undefined. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(MAX_CHANGES, Math.floor(name.length / 3)) + 1;
  for (const one of names) {
    // Fewer than their lengths differ by it cannot be.
    const changes = Math.abs(one.length - name.length) < least ? changesBetween(name, one) : least;
    if (changes < least) {
      least = changes;
      nearest = one;
    }
  }
  return nearest;
}

/** Levenshtein's distance: characters added, left out or exchanged. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const exchanged = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
