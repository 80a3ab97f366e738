// Builds what the package ships into dist/: npm run build, and by itself before npm pack.

import { execFile } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));

await rm(new URL("../../dist/", import.meta.url), { recursive: true, force: true });
/** What is read as it is, beside the compiled code. */
const FILES = [
  "functions/cli/init/template",
  "functions/local/deploy/record-loads.js",
  "functions/local/servers/ministack-requirements.txt",
];

await promisify(execFile)("npx", ["--no-install", "tsc", "--project", "functions/package/tsconfig.json"], {
  cwd: root,
});
await Promise.all(FILES.map((path) => cp(`${root}${path}`, `${root}dist/${path}`, { recursive: true })));
