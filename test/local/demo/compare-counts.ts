export interface CountsComparison {
  readonly isEqual: boolean;
  readonly produced: number;
  readonly counted: number;
  /** The first few words whose counts differ, for a person to look at. */
  readonly differences: readonly string[];
}

const MAX_SHOWN = 10;

/** Holds what was counted against what was produced, word by word. */
export function compareCounts(
  produced: ReadonlyMap<string, number>,
  counted: ReadonlyMap<string, number>,
): CountsComparison {
  const words = new Set([...produced.keys(), ...counted.keys()]);
  const differences = [...words].flatMap((word) => {
    const [expected, actual] = [produced.get(word) ?? 0, counted.get(word) ?? 0];
    return expected === actual ? [] : [`${word}: produced ${expected}, counted ${actual}`];
  });
  return {
    isEqual: differences.length === 0,
    produced: total(produced),
    counted: total(counted),
    differences: differences.slice(0, MAX_SHOWN),
  };
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
