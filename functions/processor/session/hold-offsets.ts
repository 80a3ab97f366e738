import type { OffsetsInHand } from "../../../shared/core/attempt-error.ts";

/** By the range that the pipeline's code was given. */
const held = new WeakMap<object, OffsetsInHand>();

/** Says which offsets the code works on, where it takes several records together: otherwise the last one handed out is meant. */
export function holdOffsets(range: object, offsets: OffsetsInHand | undefined): void {
  if (offsets === undefined) {
    held.delete(range);
  } else {
    held.set(range, offsets);
  }
}

export function heldOffsets(range: object): OffsetsInHand | undefined {
  return held.get(range);
}
