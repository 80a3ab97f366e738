// Public surface
//
// Everything that can be imported from the package, and what its types lead to, as the
// compiler declares it: what is added, changed or gone shows where this changes.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Declaration, type DeclarationFile, parseDeclarations } from "./declarations.ts";
import { ROOT } from "./documents.ts";

export interface PublicEntry {
  /** As it is imported. */
  readonly specifier: string;
  readonly symbols: readonly Declaration[];
}

export interface PublicSurface {
  readonly entries: readonly PublicEntry[];
  /** What the types of the symbols lead to, and cannot be imported. */
  readonly reached: readonly Declaration[];
}

/** Throws where an entry exports what is declared nowhere. */
export function readPublicSurface(): PublicSurface {
  const folder = mkdtempSync(join(tmpdir(), "declarations-"));
  try {
    emitDeclarations(folder);
    return surfaceOf(folder, packageEntries());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function emitDeclarations(folder: string): void {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const project = ["--project", join(ROOT, "functions/package/tsconfig.json")];
  execFileSync(process.execPath, [compiler, ...project, "--emitDeclarationOnly", "--outDir", folder], {
    stdio: "pipe",
  });
}

/** By specifier, the declarations' path from the compiler's output. */
function packageEntries(): ReadonlyMap<string, string> {
  const manifest: { readonly name: string; readonly exports: Readonly<Record<string, string | { types: string }>> } =
    JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return new Map(
    Object.entries(manifest.exports).flatMap(([path, target]) =>
      typeof target === "string" ? [] : [[join(manifest.name, path), target.types.replace("./dist/", "")]],
    ),
  );
}

interface Place {
  readonly path: string;
  readonly name: string;
}

function surfaceOf(folder: string, paths: ReadonlyMap<string, string>): PublicSurface {
  const files = new Map<string, DeclarationFile>();
  const fileOf = (path: string) => {
    const file = files.get(path) ?? parseDeclarations(readFileSync(join(folder, path), "utf8"));
    files.set(path, file);
    return file;
  };
  const pathOf = (from: string, specifier: string) => join(dirname(from), specifier.replace(/\.[tj]s$/, ".d.ts"));
  const isOwn = (from: string, specifier: string) =>
    specifier.startsWith(".") && existsSync(join(folder, pathOf(from, specifier)));
  const declarationAt = ({ path, name }: Place) => {
    const found = fileOf(path).declarations.get(name);
    if (found === undefined) {
      throw new Error(`${name} is not declared in ${path}`);
    }
    return found;
  };
  /** Where the names that a declaration has in it are declared. */
  const mentionedBy = (place: Place): readonly Place[] => {
    const { declarations, imports } = fileOf(place.path);
    const code = declarationAt(place).text.replaceAll(/\/\*\*[\s\S]*?\*\//g, "");
    return [...new Set(code.match(/\b[A-Za-z_]\w*\b/g))].flatMap((name) => {
      const imported = imports.get(name);
      if (imported !== undefined) {
        return isOwn(place.path, imported.from)
          ? [{ path: pathOf(place.path, imported.from), name: imported.name }]
          : [];
      }
      return declarations.has(name) ? [{ path: place.path, name }] : [];
    });
  };
  const exported = [...paths].map(([specifier, entry]) => ({
    specifier,
    places: fileOf(entry).exports.map(({ name, from }) => ({ path: pathOf(entry, from), name })),
  }));
  const seen = new Map<string, Place>();
  const next = exported.flatMap(({ places }) => places);
  const isExported = new Set(next.map(keyOf));
  for (let place = next.pop(); place !== undefined; place = next.pop()) {
    if (!seen.has(keyOf(place))) {
      seen.set(keyOf(place), place);
      next.push(...mentionedBy(place));
    }
  }
  const byName = (places: readonly Place[]) => places.map(declarationAt).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    entries: exported.map(({ specifier, places }) => ({ specifier, symbols: byName(places) })),
    reached: byName([...seen].filter(([key]) => !isExported.has(key)).map(([, place]) => place)),
  };
}

function keyOf({ path, name }: Place): string {
  return `${path}#${name}`;
}

export function renderPublicSurface({ entries, reached }: PublicSurface): string {
  return [
    ...entries.map(({ specifier, symbols }) => section(`\`${specifier}\``, symbols)),
    section("What their types lead to", reached),
  ].join("\n");
}

function section(title: string, symbols: readonly Declaration[]): string {
  return `### ${title}\n\n\`\`\`ts\n${symbols.map(({ text }) => text).join("\n\n")}\n\`\`\`\n`;
}
