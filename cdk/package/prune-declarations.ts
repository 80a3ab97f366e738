import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Removes the declarations of the folder that those of the entries, paths from it, do not lead to: nobody can import them. */
export async function pruneDeclarations(folder: string, entries: readonly string[]): Promise<void> {
  const reached = await reachedFrom(entries.map((entry) => join(folder, entry)));
  const files = await readdir(folder, { recursive: true });
  const declarations = files.filter((file) => file.endsWith(".d.ts")).map((file) => join(folder, file));
  await Promise.all(declarations.filter((file) => !reached.has(file)).map((file) => rm(file)));
}

async function reachedFrom(entries: readonly string[]): Promise<ReadonlySet<string>> {
  const reached = new Set<string>();
  const next = [...entries];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (!reached.has(file)) {
      reached.add(file);
      next.push(...importsOf(file, await readFile(file, "utf8")));
    }
  }
  return reached;
}

/** As the compiler writes them: in a clause, or within a type. */
function importsOf(file: string, text: string): readonly string[] {
  const specifiers = text.matchAll(/(?:\bfrom |\bimport\()"(\.{1,2}\/[^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => join(dirname(file), specifier.replace(/\.[tj]s$/, ".d.ts")));
}
