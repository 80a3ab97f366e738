import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { cleanEnvironment } from "../../../../../functions/local/process/clean-environment.ts";
import { runCommand } from "../../../../../functions/local/process/run-command.ts";

test("keeps what finds programs, the network and the language, and nothing else", () => {
  const kept = { PATH: "/bin", HOME: "/home/ann", JAVA_HOME: "/jdk", TMPDIR: "/tmp", LC_ALL: "C.UTF-8" };
  const network = { https_proxy: "http://proxy:3128", NO_PROXY: "127.0.0.1", NODE_EXTRA_CA_CERTS: "/ca.pem" };
  const dropped = {
    RANGES_PIPELINE: "mine",
    AWS_PROFILE: "production",
    AWS_ENDPOINT_URL: "http://elsewhere",
    NODE_OPTIONS: "--inspect",
    GATEWAY_PORT: "4566",
    PERSISTENCE: "1",
    JAVA_TOOL_OPTIONS: "-agentlib:jdwp=transport=dt_socket,address=5005",
    PYTHONPATH: "/elsewhere",
    KAFKA_OPTS: "-Dx=y",
    CDK_CONTEXT_JSON: "{}",
  };

  expect(cleanEnvironment({ ...kept, ...network, ...dropped })).toEqual({
    ...kept,
    ...network,
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
  });
});

test("a program of the stack starts without the shell's other variables", async () => {
  const folder = await mkdtemp(join(tmpdir(), "environment-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  vi.stubEnv("RANGES_UNKNOWN", "of the shell");
  onTestFinished(() => void vi.unstubAllEnvs());

  const printed = await runCommand({
    name: "env",
    command: "env",
    args: [],
    logFile: join(folder, "env.log"),
    deadlineMs: 5_000,
  });

  expect(printed).toContain("PATH=");
  expect(printed).not.toContain("RANGES_UNKNOWN");
});
