// Release folder
//
// Where a release is written: a folder that is new, empty, or has an earlier release.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listNames, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/** The files and their checksums, as `sha256sum --check` reads them. */
const CHECKSUMS = "SHA256SUMS";

const LINE = /^[0-9a-f]{64} {2}([\w.-]+)$/;

export function sha256(contents: string | Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex");
}

/** Throws ConfigurationError for a file, and for a folder that has something else in it. */
export function checkReleaseFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  const remedy = "name a folder that is new, empty, or has an earlier release";
  if (found === undefined) {
    return;
  }
  if (!found.isDirectory()) {
    throw new ConfigurationError(`${quoteName(folder)} is a file; ${remedy}`);
  }
  const earlier = [CHECKSUMS, ...releasedFiles(folder)];
  const others = readdirSync(folder).filter((name) => !earlier.includes(name));
  if (others.length > 0) {
    throw new ConfigurationError(`${quoteName(folder)} has ${listNames(others.map(quoteName))}; ${remedy}`);
  }
}

/** In place of an earlier release; the checksums come last, so that a release that has them is whole. */
export function writeReleaseFolder(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [...releasedFiles(folder), CHECKSUMS]) {
    rmSync(join(folder, name), { force: true });
  }
  for (const [name, contents] of files) {
    writeFileSync(join(folder, name), contents);
  }
  const lines = [...files].map(([name, contents]) => `${sha256(contents)}  ${name}\n`);
  writeFileSync(join(folder, CHECKSUMS), lines.join(""));
}

function releasedFiles(folder: string): readonly string[] {
  const path = join(folder, CHECKSUMS);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line) => LINE.exec(line)?.[1] ?? [])
    : [];
}
