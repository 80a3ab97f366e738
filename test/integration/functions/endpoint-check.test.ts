import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { createEndpointCheck } from "../../../functions/endpoint-check.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  server.close();
  await once(server, "close");
  return port;
}

test("EC1, FT11: services out of reach are named with the address, the cause and the remedy", async () => {
  const port = await freePort();
  const check = createEndpointCheck([
    { service: "dynamodb", url: new URL(inject("aws.endpoint")) },
    { service: "lambda", url: new URL(`http://127.0.0.1:${port}`) },
  ]);

  const run = check();

  await expect(run).rejects.toThrow(ConfigurationError);
  await expect(run).rejects.toThrow(
    `lambda: 127.0.0.1:${port} cannot be reached (Error: connect ECONNREFUSED 127.0.0.1:${port}); a function in a VPC reaches it by a NAT gateway or a VPC endpoint`,
  );
});

/** A port that lets in what its queue holds and answers no further packet, as a missing route does. */
async function startSilentPort(): Promise<number> {
  const listen =
    "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); print(s.getsockname()[1], flush=True); sys.stdin.read()";
  const child = spawn("python3", ["-c", listen], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  const port = Number(line);
  const waiting = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void waiting.destroy());
  await once(waiting, "connect");
  return port;
}

test("EC1, FT11: a network that swallows every packet is told as well", async () => {
  const port = await startSilentPort();
  const check = createEndpointCheck([{ service: "lambda", url: new URL(`http://127.0.0.1:${port}`) }]);

  await expect(check()).rejects.toThrow(`lambda: 127.0.0.1:${port} cannot be reached (no answer within 2000 ms)`);
});

/** Answers the port that was listened at. */
async function listenAt(port: number, onConnection: () => void): Promise<number> {
  const server = createServer((socket) => {
    onConnection();
    socket.destroy();
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port; // A TCP server's.
}

test("EC2: what was reached is not asked again, what was not is", async () => {
  const connections: string[] = [];
  const dynamodb = await listenAt(0, () => connections.push("dynamodb"));
  const lambdaPort = await freePort();
  const check = createEndpointCheck([
    { service: "dynamodb", url: new URL(`http://127.0.0.1:${dynamodb}`) },
    { service: "lambda", url: new URL(`http://127.0.0.1:${lambdaPort}`) },
  ]);

  await expect(check()).rejects.toThrow("lambda: ");
  await listenAt(lambdaPort, () => connections.push("lambda"));
  await check();
  await check();

  expect(connections).toEqual(["dynamodb", "lambda"]);
});
