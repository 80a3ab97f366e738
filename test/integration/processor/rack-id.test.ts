import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRackFinder } from "../../../functions/processor/rack-id.ts";

const ZONE = "availability-zone-id";

/** Stands where Lambda's metadata endpoint stands in an execution environment. */
async function startEndpoint(answer: RequestListener): Promise<{ readonly host: string; readonly token: string }> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, token: "secret" }; // A TCP server's.
}

test("a rack that is named is taken as it is, and none is none", async () => {
  const warn = vi.fn();

  expect(await createRackFinder("euw1-az2", { warn }, undefined)()).toBe("euw1-az2");
  expect(await createRackFinder(undefined, { warn }, undefined)()).toBe("");
  expect(warn).not.toHaveBeenCalled();
});

test("the zone that the function runs in is asked of the execution environment, with its token", async () => {
  const asked: unknown[] = [];
  const endpoint = await startEndpoint((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end('{"AvailabilityZoneID":"use1-az1"}');
  });

  expect(await createRackFinder(ZONE, { warn: vi.fn() }, endpoint)()).toBe("use1-az1");
  expect(asked).toEqual([["/2026-01-15/metadata/execution-environment", "Bearer secret"]]);
});

test.each<[string, RequestListener]>([
  ["refuses", (_, response) => response.writeHead(403).end()],
  ["knows no zone", (_, response) => response.end("{}")],
  ["talks nonsense", (_, response) => response.end("<html>")],
  ["is silent", () => undefined],
])("G7: an endpoint that %s leaves the reader at the leaders, in time and with a warning", async (_, answer) => {
  const warn = vi.fn();
  const startedAt = performance.now();

  expect(await createRackFinder(ZONE, { warn }, await startEndpoint(answer))()).toBe("");
  expect(warn).toHaveBeenCalledOnce();
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test("a runtime without the endpoint leaves the reader at the leaders, with a warning", async () => {
  const warn = vi.fn();

  expect(await createRackFinder(ZONE, { warn }, undefined)()).toBe("");
  expect(warn).toHaveBeenCalledOnce();
});

test("what could not be found out for one range is asked again for the next, and known from then on", async () => {
  const answers = ["{}", '{"AvailabilityZoneID":"use1-az1"}'];
  const endpoint = await startEndpoint((_, response) => response.end(answers.shift() ?? "{}"));
  const findRack = createRackFinder(ZONE, { warn: vi.fn() }, endpoint);

  expect([await findRack(), await findRack(), await findRack()]).toEqual(["", "use1-az1", "use1-az1"]);
});
