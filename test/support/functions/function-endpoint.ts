import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface FunctionEndpoint extends AsyncDisposable {
  readonly url: string;
}

/** Answers an event that went to the function of this name. */
type FunctionHandler = (event: unknown, functionName: string) => Promise<unknown>;

/** Lambda's Invoke of any function, answered by `handler`; what it throws is the function's error. */
export async function serveFunction(handler: FunctionHandler): Promise<FunctionEndpoint> {
  const server = createServer((request, response) => void answer(handler, request, response));
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a path.
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<unknown>();
      server.close(closed.resolve);
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function answer(handler: FunctionHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    response.end(JSON.stringify(await handler(await json(request), functionNameIn(request.url ?? ""))));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    response.setHeader("x-amz-function-error", "Unhandled");
    response.end(JSON.stringify({ errorType: name, errorMessage: message }));
  }
}

/** `/2015-03-31/functions/NAME/invocations` */
function functionNameIn(path: string): string {
  return decodeURIComponent(/\/functions\/([^/]+)\//.exec(path)?.[1] ?? "");
}
