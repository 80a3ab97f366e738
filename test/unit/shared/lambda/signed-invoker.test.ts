import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSignedInvoker } from "../../../../shared/lambda/signed-invoker.ts";
import { localAccess, sdkAccess } from "../../../support/aws-access.ts";

interface Invocation {
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Lambda's endpoint, as far as it takes asynchronous invocations, and what it was sent. */
async function startEndpoint() {
  const invocations: Invocation[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    invocations.push({ url: request.url, headers: request.headers, body: await text(request) });
    response.writeHead(202).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  return { access: localAccess(`http://127.0.0.1:${port}`), invocations };
}

test("each dispatched range begins a trace of its own, and its sampling is decided by itself", async () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "scheduler");
  vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { access, invocations } = await startEndpoint();
  const invoker = createSignedInvoker(access);

  await invoker.invokeEvent("processor", "{}");
  await invoker.invokeEvent("processor", "{}");
  invoker.close();

  const [first, second] = invocations.map(({ headers }) => headers["x-amzn-trace-id"]);
  expect(first).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(second).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(second).not.toBe(first);
});

test.each(["processor", "arn:aws:lambda:eu-west-1:000000000000:function:processor:live"])(
  "%s is invoked as the SDK does it",
  async (FunctionName) => {
    const { access, invocations } = await startEndpoint();
    const invoker = createSignedInvoker(access);
    const client = new LambdaClient(sdkAccess(access));

    await invoker.invokeEvent(FunctionName, '{"word":"naïve"}');
    await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: '{"word":"naïve"}' }));
    invoker.close();
    client.destroy();

    const [own, sdk] = invocations.map(({ url, headers, body }) => ({
      url,
      body,
      type: headers["x-amz-invocation-type"],
    }));
    expect(own).toEqual(sdk);
  },
);
