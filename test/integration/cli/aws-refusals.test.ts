import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { runRanges } from "../../support/cli/run-ranges.ts";

/** What the AWS at `url` answers, whatever it is asked for. */
let answer: { readonly status: number; readonly type: string; readonly message: string };
let url: string;

beforeAll(async () => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const { status, type, message } = answer;
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": type });
      response.end(JSON.stringify({ __type: `com.amazonaws#${type}`, message, Message: message }));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port, not on a path.
  return () => {
    server.closeAllConnections();
    server.close();
  };
});

const ledger = ["--table", "ledger", "--pipeline", "p"];
const commands: readonly (readonly string[])[] = [
  ["status", "--table", "ledger"],
  ["verify", "--table", "ledger"],
  ["retry", ...ledger, "--range", "orders:0"],
  ["pause", ...ledger, "--reason", "r"],
  ["reprocess", "--function", "scheduler", "--request-id", "r", "--range", "orders:0:0:1"],
];

async function failLine(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await runRanges(args, { AWS_REGION: "eu-west-1", ...variables });
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^ranges: .+\n$/);
  return stderr;
}

describe.each(commands.map((args) => [args[0] ?? "", args] as const))("ranges %s", (_, args) => {
  const resource = args.includes("--function") ? "function scheduler" : "table ledger";

  test.each([
    ["ExpiredTokenException", 403, ["the AWS credentials have expired", "log in again (aws sso login)"]],
    ["UnrecognizedClientException", 403, ["AWS does not take these credentials in eu-west-1", "AWS_ACCESS_KEY_ID"]],
    ["InvalidSignatureException", 403, ["AWS does not take these credentials", "this machine's clock"]],
    ["AccessDeniedException", 403, ["these AWS credentials may not do this to", "have it allowed"]],
    [
      "ResourceNotFoundException",
      404,
      ["does not exist for these credentials in eu-west-1", "AWS_REGION and the endpoint"],
    ],
  ] as const)("says what to do about %s, by exit code 2", async (type, status, parts) => {
    answer = { status, type, message: `${type} of a test` };

    const line = await failLine([...args, "--endpoint-url", url]);

    for (const part of parts) {
      expect(line).toContain(part);
    }
    if (type === "ResourceNotFoundException" || type === "AccessDeniedException") {
      expect(line).toContain(resource);
      expect(line).toContain(url);
    }
  });

  test("names the variables by which an AWS was asked that is not there, by exit code 1", async () => {
    const { code, stderr } = await runRanges(args, { AWS_ENDPOINT_URL: "http://127.0.0.1:1" });

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^ranges: AWS does not answer at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\); check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_(DYNAMODB|LAMBDA), .*\n$/,
      ),
    });
  });
});

test.each(["dynamodbLocal.endpoint", "aws.endpoint"] as const)(
  "a table that %s does not have is named with where it was looked for",
  async (endpoint) => {
    const line = await failLine(["status", "--table", "no-such", "--endpoint-url", inject(endpoint)]);

    expect(line).toContain(`table no-such does not exist for these credentials in eu-west-1 (${inject(endpoint)})`);
  },
);

test("a server that speaks no TLS is told from an AWS that is not there", async () => {
  const line = await failLine(["status", "--table", "ledger", "--endpoint-url", url.replace("http:", "https:")]);

  expect(line).toContain("no TLS connection to AWS at https://127.0.0.1");
});
