import assert from "node:assert/strict";

/**
 * Maps in order of `items`, with at most `limit` calls under way. The first
 * rejection rejects the whole, and no further call begins.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  assert.ok(limit >= 1, `limit ${limit} is below 1`);
  const results = new Array<Result>(items.length);
  const pending = entriesOf(items);
  const drain = async () => {
    for (const [index, item] of pending) {
      results[index] = await map(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, drain));
  return results;
}

/** A generator ends for all its readers once one of them throws; an array's own iterator would go on. */
function* entriesOf<Item>(items: readonly Item[]): Generator<[number, Item], void, undefined> {
  yield* items.entries();
}
