// Write release
//
// A release of one pipeline: its template, the zips of its functions and their checksums.
//
//   WF1  Of the same sources, and whatever they depend on, it is the same, byte by byte.
//   WF2  A zip is named for what is in it: a template of other code updates the functions.
//   WF3  Nothing is written, and no earlier release removed, where something is wrong.

import { rmSync } from "node:fs";
import { formatTemplate } from "../template/format-template.ts";
import type { TemplateObject } from "../template/template-value.ts";
import { CODE_NAMES, type CodeName, placeCode } from "./function-code.ts";
import { checkReleaseFolder, sha256, writeReleaseFolder } from "./release-folder.ts";
import type { ReleaseSource } from "./release-source.ts";
import { releaseTemplate } from "./release-template.ts";
import { zipCode } from "./zip-code.ts";

const TEMPLATE_FILE = "template.json";

export interface WrittenRelease {
  /** By name, with their sizes in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** Parameters that have to be given. */
  readonly required: readonly string[];
  readonly warnings: readonly string[];
}

/** Throws ConfigurationError for what is wrong with the source or the folder, and esbuild's error for the code. */
export function writeRelease(source: ReleaseSource, folder: string): WrittenRelease {
  checkReleaseFolder(folder);
  const { template, code, warnings, folder: assembly } = releaseTemplate(source);
  try {
    const zips = CODE_NAMES.flatMap((name) => {
      const folderOfCode = code.get(name);
      return folderOfCode === undefined ? [] : [[name, zipCode(folderOfCode)] as const];
    });
    const names = Object.fromEntries(zips.map(([name, zip]) => [name, `${name}-${sha256(zip).slice(0, 16)}.zip`]));
    // Each function that the template has has its zip.
    const placed = placeCode(template, names as Readonly<Record<CodeName, string>>);
    const files = new Map<string, string | Uint8Array>([
      [TEMPLATE_FILE, `${formatTemplate(placed)}\n`],
      ...zips.map(([name, zip]) => [names[name] ?? name, zip] as const),
    ]);
    writeReleaseFolder(folder, files);
    const sizes = [...files].map(([name, contents]) => [name, Buffer.byteLength(contents)] as const);
    return { files: new Map(sizes), required: requiredParameters(placed), warnings };
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

function requiredParameters({ Parameters }: TemplateObject): readonly string[] {
  const entries = Object.entries((Parameters ?? {}) as Readonly<Record<string, TemplateObject>>);
  return entries.filter(([, parameter]) => !("Default" in parameter)).map(([name]) => name);
}
