/** Thrown by a codec whose output would exceed the limit it was given. */
export class DecompressedSizeError extends Error {
  override readonly name = "DecompressedSizeError";
}
