import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const file = new URL("../../../local/servers/postgres.ts", import.meta.url).href;

test("a process that has loaded the library ends with its own exit code", () => {
  const code = `const { loadEmbeddedPostgres } = await import(${JSON.stringify(file)});
    const Server = await loadEmbeddedPostgres();
    process.exitCode = typeof Server === "function" ? 3 : 4;`;

  const { status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code]);

  expect(status).toBe(3);
});
