import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createEndpointCredentials } from "../../../../shared/aws/aws-credentials.ts";
import { CREDENTIALS_RENEWAL_MS } from "../../../../shared/aws/limits.ts";

const EXPIRES_AT = Date.parse("2030-01-01T06:00:00Z");

/** An endpoint as Lambda has one for what it does not put into variables. */
async function startEndpoint(answer: (response: ServerResponse, asked: number) => void) {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    answer(response, tokens.length);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  return { url: `http://127.0.0.1:${port}/credentials`, tokens };
}

const keys = (response: ServerResponse, asked: number) =>
  response.end(
    JSON.stringify({
      AccessKeyId: `AKID${asked}`,
      SecretAccessKey: "secret",
      Token: "token",
      Expiration: new Date(EXPIRES_AT).toISOString(),
    }),
  );

test("is asked once for all calls, and again before what it said ends, with the token as it then is", async () => {
  let now = EXPIRES_AT - CREDENTIALS_RENEWAL_MS - 1;
  let token = "one";
  const { url, tokens } = await startEndpoint(keys);
  const credentials = createEndpointCredentials({ url, authorizationToken: () => token }, () => now);

  const first = await Promise.all([credentials(), credentials()]);
  token = "two";
  const still = await credentials();
  now += 1;
  const renewed = await credentials();

  expect([...first, still]).toEqual(
    Array(3).fill({ accessKeyId: "AKID1", secretAccessKey: "secret", sessionToken: "token" }),
  );
  expect(renewed).toMatchObject({ accessKeyId: "AKID2" });
  expect(tokens).toEqual(["one", "two"]);
});

test("a question that failed is asked again by the next call", async () => {
  const { url } = await startEndpoint((response, asked) =>
    asked === 1 ? response.writeHead(500).end() : keys(response, asked),
  );
  const credentials = createEndpointCredentials({ url, authorizationToken: () => undefined });

  await expect(credentials()).rejects.toMatchObject({
    name: "CredentialsProviderError",
    message: `no AWS credentials: ${url} answered 500`,
  });
  await expect(credentials()).resolves.toMatchObject({ accessKeyId: "AKID2" });
});

test.each([
  ["{}", "answered without AccessKeyId and SecretAccessKey"],
  ["<html>", "did not answer"],
  ['{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"}', "answered with an Expiration that is no time"],
])("an answer of %s gives none", async (body, why) => {
  const { url } = await startEndpoint((response) => void response.end(body));

  const asked = createEndpointCredentials({ url, authorizationToken: () => undefined })();

  await expect(asked).rejects.toThrow(why);
});
