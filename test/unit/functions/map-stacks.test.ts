import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const mapStacks = new URL("../../../functions/map-stacks.ts", import.meta.url).pathname;

/** Where it throws is line 5. */
const SOURCE = `import { mapStacks } from ${JSON.stringify(mapStacks)};
mapStacks(import.meta.url);
async function fail(kind: string) {
  await null;
  if (kind === "bug") throw new TypeError("a bug");
  throw Object.assign(Object.create({ toString: () => { throw new Error("no"); } }), {});
}
const shown: unknown[] = [];
const orders = { process: () => JSON.parse("{") };
await fail("bug").catch((error) => shown.push(error.stack));
const odd = { toString: () => { throw new Error("no"); } };
Error.captureStackTrace(odd);
shown.push((odd as { stack?: string }).stack?.split("\\n")[0]);
try { orders.process(); } catch (error) { shown.push((error as Error).stack); }
console.log(JSON.stringify(shown));
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "map-stacks-"));
  await writeFile(join(folder, "orders.ts"), SOURCE);
  const options = { bundle: true, minify: true, platform: "node", format: "esm", sourcesContent: false } as const;
  await build({
    ...options,
    entryPoints: [join(folder, "orders.ts")],
    outfile: join(folder, "index.mjs"),
    sourcemap: true,
  });
  await build({ ...options, entryPoints: [join(folder, "orders.ts")], outfile: join(folder, "unmapped.mjs") });
});
afterAll(() => rm(folder, { recursive: true }));

async function stacksOf(file: string, env: Record<string, string>) {
  const { stdout } = await run(process.execPath, [join(folder, file)], { env });
  return JSON.parse(stdout) as readonly [string, string, string];
}

test("in Lambda a stack names the sources' lines, whatever was thrown", async () => {
  const [bug, odd, builtIn] = await stacksOf("index.mjs", { AWS_LAMBDA_FUNCTION_NAME: "processor" });

  const source = join(folder, "orders.ts");
  expect(bug.split("\n")).toEqual([
    "TypeError: a bug",
    expect.stringMatching(new RegExp(`^ {4}at \\S+ \\(${source}:5:29\\)$`)),
    expect.stringContaining(`    at async ${source}:10:`),
  ]);
  expect(odd).toBe("an error that cannot be shown");
  expect(builtIn.split("\n")).toMatchObject([
    expect.stringMatching(/^SyntaxError: /),
    "    at JSON.parse (<anonymous>)",
    `    at process (${source}:9:38)`,
    expect.stringContaining(`    at ${source}:14:`),
  ]);
});

test.each([
  ["elsewhere", "index.mjs", {}],
  ["without a map", "unmapped.mjs", { AWS_LAMBDA_FUNCTION_NAME: "processor" }],
])("%s stacks stay as they are", async (_, file, env) => {
  const [bug] = await stacksOf(file, env);

  expect(bug).toMatch(new RegExp(`^TypeError: a bug\\n {4}at .*${file}:`));
});

test("a map that cannot be read costs the sources' lines, and no stack", async () => {
  await copyFile(join(folder, "index.mjs"), join(folder, "broken.mjs"));
  await writeFile(join(folder, "broken.mjs.map"), '{"version":3,');

  const [bug] = await stacksOf("broken.mjs", { AWS_LAMBDA_FUNCTION_NAME: "processor" });

  expect(bug.split("\n")[0]).toBe("TypeError: a bug");
  expect(bug).toContain("broken.mjs:");
});
