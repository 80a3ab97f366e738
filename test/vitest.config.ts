import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;

/** Servers are started once per project by its global set-up; each file makes its own topics and tables. */
function project(name: string, options: { globalSetup?: string; testTimeoutMs: number; execArgv?: string[] }) {
  return {
    test: {
      name,
      root,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: options.testTimeoutMs,
      hookTimeout: 300_000,
      execArgv: options.execArgv ?? [],
      ...(options.globalSetup === undefined ? {} : { globalSetup: [options.globalSetup] }),
    },
  };
}

export default defineConfig({
  test: {
    root,
    reporters: ["default", "./test/support/tally-reporter.ts"],
    projects: [
      project("unit", { testTimeoutMs: 10_000 }),
      project("property", { testTimeoutMs: 120_000 }),
      project("simulation", { testTimeoutMs: 120_000 }),
      project("cdk", { testTimeoutMs: 120_000 }),
      project("integration", {
        testTimeoutMs: 120_000,
        globalSetup: "./test/integration/global-setup.ts",
        // The tests' own producers and admins are kafkajs's, which sets timers of negative length.
        execArgv: ["--disable-warning=TimeoutNegativeWarning"],
      }),
    ],
  },
});
