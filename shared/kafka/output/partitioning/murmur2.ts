// Murmur2
//
// As Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2), so that a key's
// records are found in the partition where that client puts them.

const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;

/** Signed, 32 bits. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeEnd = bytes.length - (bytes.length % 4);
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < wholeEnd; at += 4) {
    let word = Math.imul(view.getInt32(at, true), M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  for (let at = bytes.length - 1; at >= wholeEnd; at--) {
    hash ^= view.getUint8(at) << (8 * (at - wholeEnd));
  }
  if (wholeEnd < bytes.length) {
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

/** Of `count` partitions, the one that records with this key belong to. */
export function partitionOfKey(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fff_ffff) % count;
}
