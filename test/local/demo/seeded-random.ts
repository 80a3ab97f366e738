/** Mulberry32: uniform in [0, 1), the same numbers for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An index of `weights`, each as likely as its share of their sum; `random` is uniform in [0, 1). */
export function pickWeighted(weights: readonly number[], random: number): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let rest = random * sum;
  for (const [index, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) {
      return index;
    }
  }
  return weights.length - 1;
}
