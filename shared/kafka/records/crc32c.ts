import { crc32cJs } from "./crc32c-js.ts";

/** CRC-32C of the bytes, unsigned: native (14 GB/s) where a build for this platform is installed. */
export const crc32c: (bytes: Uint8Array) => number = (await loadNative()) ?? crc32cJs;

async function loadNative(): Promise<((bytes: Uint8Array) => number) | undefined> {
  try {
    const { crc32c: native } = await import("@node-rs/crc32");
    return (bytes) => native(bytes);
  } catch {
    // Whatever keeps the native build from loading, the plain one gives the same numbers.
    return undefined;
  }
}
