// Builds what the package ships into dist/: npm run build, and by itself before npm pack.

import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { buildSync, formatMessagesSync } from "esbuild";
import { BUNDLE_FILE, bundleEntry } from "../lib/bundle/bundle-entry.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { mapByLines, ownSourceMap } from "./own-source-map.ts";
import { pruneDeclarations } from "./prune-declarations.ts";

const root = new URL("../../", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, root));

await rm(path("dist"), { recursive: true, force: true });
// The types say what a symbol means; the code of each line is where its source map points.
await compile("--emitDeclarationOnly");
await compile("--declaration", "false", "--removeComments");
await thinMaps(path("dist"));
const manifest: {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
} = JSON.parse(await readFile(path("package.json"), "utf8"));
const entries = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? [] : [target.types]));
await pruneDeclarations(
  path("dist"),
  entries.map((types) => types.replace("./dist/", "")),
);

/** What is read as it is, beside the compiled code. */
const FILES = [
  "functions/cli/init/template",
  "functions/cli/init/templates",
  "functions/local/deploy/record-loads.js",
  "functions/local/servers/ministack-requirements.txt",
];
await Promise.all(FILES.map((name) => cp(path(name), path(`dist/${name}`), { recursive: true })));

// The functions that are the same for every pipeline, which the construct deploys on either architecture. They are
// compressed: what they are made of is as large as everything else.
for (const name of ["scheduler", "manifests"]) {
  await bundleFunction(name);
}

const sbom = await promisify(execFile)("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"], {
  cwd: fileURLToPath(root),
  maxBuffer: 10_000_000,
});
await writeFile(path("dist/sbom.cdx.json"), billOfMaterials(sbom.stdout, manifest.name));

async function bundleFunction(name: string): Promise<void> {
  const folder = path(`dist/${name}`);
  await mkdir(folder);
  const { needsNative } = bundleEntry({ buildSync, formatMessagesSync }, path(`functions/${name}/handler.ts`), folder);
  if (needsNative) {
    throw new Error(`the bundle of ${name} loads a native package, and one bundle cannot serve each architecture`);
  }
  const map = join(folder, `${BUNDLE_FILE}.map`);
  await writeFile(map, ownSourceMap(await readFile(map, "utf8")));
  for (const file of [BUNDLE_FILE, `${BUNDLE_FILE}.map`]) {
    const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
    await writeFile(join(folder, `${file}.br`), brotliCompressSync(await readFile(join(folder, file)), { params }));
    await rm(join(folder, file));
  }
}

async function thinMaps(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js.map"));
  for (const file of files) {
    await writeFile(join(folder, file), mapByLines(await readFile(join(folder, file), "utf8")));
  }
}

async function compile(...options: readonly string[]): Promise<void> {
  const tsc = ["--no-install", "tsc", "--project", "functions/package/tsconfig.json", ...options];
  await promisify(execFile)("npx", tsc, { cwd: fileURLToPath(root) });
}
