import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLambdaClient } from "../../../../shared/lambda/client.ts";

/** The trace headers of two invocations, as Lambda's endpoint gets them from a traced function. */
async function traceHeaders({ tracesApart }: { tracesApart: boolean }): Promise<readonly unknown[]> {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "scheduler");
  vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const headers: unknown[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers["x-amzn-trace-id"]);
    response.writeHead(202).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const endpoint = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials };
  const client = createLambdaClient({ ...endpoint, tracesApart });
  for (let call = 0; call < 2; call += 1) {
    await client.send(new InvokeCommand({ FunctionName: "processor", InvocationType: "Event", Payload: "{}" }));
  }
  client.destroy();
  server.closeAllConnections();
  server.close();
  return headers;
}

test("each dispatched range begins a trace of its own, and its sampling is decided by itself", async () => {
  const [first, second] = await traceHeaders({ tracesApart: true });

  expect(first).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(second).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(second).not.toBe(first);
});

test("other calls stay in their caller's trace", async () => {
  const headers = await traceHeaders({ tracesApart: false });

  expect(headers).toEqual(Array(2).fill(expect.stringContaining("Root=1-00000000-")));
});
