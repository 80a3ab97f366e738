import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { zipSync } from "fflate";

/** A file that everybody may read, as Lambda asks for it, on Unix. */
const ATTRIBUTES = 0o100_644 << 16;
const UNIX = 3;

/** The folder of a function's code as Lambda takes it: of the same files the same bytes, whoever makes it and when. */
export function zipCode(folder: string): Uint8Array {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const files = paths.map((path) => [relative(folder, path).split(sep).join("/"), readFileSync(path)] as const);
  // Noon of the format's first day, in whichever zone: the archive holds a local time.
  const mtime = new Date(1980, 0, 1, 12);
  return zipSync(Object.fromEntries(files), { level: 9, mtime, os: UNIX, attrs: ATTRIBUTES });
}
