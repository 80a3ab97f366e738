// Keeps this release's side of what releases meet each other by, for the tests of
// later ones: npm run freeze, once, when a release is made. A frozen one is never
// made again.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
const outfile = fileURLToPath(new URL(`frozen/${version}.js`, import.meta.url));

await build({
  entryPoints: [fileURLToPath(new URL("surface.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22",
  external: ["@aws-sdk/*", "@smithy/*", "zod"],
  banner: { js: `// Release ${version}, bundled by freeze.ts.` },
  outfile,
});
console.log(outfile);
