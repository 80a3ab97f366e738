// Missing library
//
// An entry of this package that goes by a library has it as an optional peer: `/parquet` is of no use without
// hyparquet-writer. Where the library is missing, esbuild only says what it could not resolve, deep inside of this
// package. What is to be installed is told here, of the place that esbuild names and of the package.json above it.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const OWN_NAME = "kafka-offset-ranges";

/** The library of each entry that has one. */
const ENTRIES: Readonly<Record<string, string>> = {
  ajv: "json-schema",
  avsc: "avro",
  "hyparquet-writer": "parquet",
  pg: "postgres",
  protobufjs: "protobuf",
};

/** As esbuild tells an error: the place is that of the import, in bytes of its line. */
export interface BundleFault {
  readonly location: {
    readonly file: string;
    readonly lineText: string;
    readonly column: number;
    readonly length: number;
  } | null;
}

export interface BundledEntry {
  readonly entry: string;
  /** What the places are relative to. */
  readonly absWorkingDir: string;
}

export interface MissingLibraries<Fault> {
  /** One for each library, with the command that installs it. */
  readonly lines: readonly string[];
  /** What else is wrong. */
  readonly others: readonly Fault[];
}

export function missingLibraries<Fault extends BundleFault>(
  faults: readonly Fault[],
  { entry, absWorkingDir }: BundledEntry,
): MissingLibraries<Fault> {
  const lines = new Set<string>();
  const others: Fault[] = [];
  for (const fault of faults) {
    const missing = missingLibraryOf(fault, absWorkingDir);
    if (missing === undefined) {
      others.push(fault);
      continue;
    }
    const { name, version } = missing;
    const wanted = `${name}@${version}`;
    lines.add(
      `${relative(absWorkingDir, resolve(absWorkingDir, entry))} is bundled with ${OWN_NAME}/${ENTRIES[name]}, which needs ${wanted} beside it: npm install --save-exact ${wanted}`,
    );
  }
  return { lines: [...lines], others };
}

interface MissingLibrary {
  readonly name: string;
  readonly version: string;
}

/** Undefined where the fault is something else. */
function missingLibraryOf({ location }: BundleFault, absWorkingDir: string): MissingLibrary | undefined {
  if (location === null) {
    return undefined;
  }
  const { file, lineText, column, length } = location;
  const place = Buffer.from(lineText).subarray(column, column + length);
  const name = Object.keys(ENTRIES).find((one) => isImportOf(place.toString(), one));
  const folder = dirname(resolve(absWorkingDir, file));
  const version = name === undefined ? undefined : ownPeers(folder)?.[name];
  return name === undefined || version === undefined || isInstalled(name, folder)
    ? undefined
    : // The lowest that will do, since a shell may read a caret.
      { name, version: version.replace(/^\^/, "") };
}

/** Of the package or of a file in it, in quotes. */
function isImportOf(place: string, name: string): boolean {
  const specifier = place.slice(1, -1);
  return specifier === name || specifier.startsWith(`${name}/`);
}

/** The peers of this package, where the folder is of it. */
function ownPeers(folder: string): Readonly<Record<string, string>> | undefined {
  const root = foldersAbove(folder).find((above) => existsSync(join(above, "package.json")));
  if (root === undefined) {
    return undefined;
  }
  const { name, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return name === OWN_NAME ? peerDependencies : undefined;
}

function isInstalled(name: string, folder: string): boolean {
  return foldersAbove(folder).some((above) => existsSync(join(above, "node_modules", name)));
}

/** The folder itself first. */
function foldersAbove(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
