// What npm itself writes, of a registry on this machine.

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { readManifest } from "../../supply-chain/lock-file.ts";

const root = new URL("../../../", import.meta.url).pathname;
const audit = new URL("../../supply-chain/audit.ts", import.meta.url).pathname;
const { dependencies } = await readManifest();

/** npm run audit against a registry that answers so to the question, and knows one version of each package. */
async function runAudit(statusCode: number, advisories: object) {
  const registry = createServer((request, response) => {
    request.resume();
    const name = (request.url ?? "").slice(1);
    const packument = { name, versions: { [dependencies[name] ?? "1.0.0"]: { name } }, "dist-tags": {} };
    const [status, body] = request.method === "POST" ? [statusCode, advisories] : [200, packument];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  const { port } = registry.address() as AddressInfo;
  const args = [audit, `--registry=http://127.0.0.1:${port}`, "--fetch-retries=0", "--cache-min=0"];
  const { promise, resolve } = Promise.withResolvers<{ exitCode: number | null; stdout: string; stderr: string }>();
  const child = execFile(process.execPath, args, { cwd: root }, (_, stdout, stderr) =>
    resolve({ exitCode: child.exitCode, stdout, stderr }),
  );
  const result = await promise;
  registry.close();
  return result;
}

test("a vulnerability of a dependency fails, by its name", async () => {
  const advisory = {
    id: 1,
    url: "https://example.com/1",
    title: "Prototype pollution",
    severity: "high",
    vulnerable_versions: `<=${dependencies["kafkajs"]}`,
    cwe: [],
    cvss: { score: 0, vectorString: null },
  };

  const { exitCode, stderr } = await runAudit(200, { kafkajs: [advisory] });

  expect(stderr).toContain("audit: kafkajs (high)");
  expect(exitCode).toBe(1);
}, 60_000);

test("a registry that knows of none passes", async () => {
  expect(await runAudit(200, {})).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("no known vulnerability"),
  });
}, 60_000);

test("a registry that does not answer fails nothing, and is told", async () => {
  expect(await runAudit(405, {})).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("audit: NOT DONE") });
}, 60_000);
