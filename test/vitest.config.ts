import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;

interface ProjectOptions {
  readonly globalSetup?: string;
  readonly testTimeoutMs: number;
  readonly execArgv?: string[];
  /** Whether each file gets a process of its own: its memory and its environment are then nobody else's. */
  readonly isolate: boolean;
}

/** Servers are started once per project by its global set-up; each file makes its own topics and tables. */
function project(name: string, options: ProjectOptions) {
  return {
    test: {
      name,
      root,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: options.testTimeoutMs,
      hookTimeout: 300_000,
      execArgv: options.execArgv ?? [],
      isolate: options.isolate,
      ...(options.globalSetup === undefined ? {} : { globalSetup: [options.globalSetup] }),
    },
  };
}

export default defineConfig({
  test: {
    root,
    // vitest leaves a core for itself: of two it would use one, while most integration tests wait for a server.
    maxWorkers: availableParallelism(),
    reporters: ["default", "./test/support/tally-reporter.ts"],
    projects: [
      project("unit", { testTimeoutMs: 30_000, isolate: false }),
      project("property", { testTimeoutMs: 120_000, isolate: false }),
      project("simulation", { testTimeoutMs: 120_000, isolate: false }),
      project("cdk", { testTimeoutMs: 120_000, isolate: false }),
      project("integration", {
        testTimeoutMs: 120_000,
        isolate: true,
        globalSetup: "./test/integration/global-setup.ts",
        // The tests' own producers and admins are kafkajs's, which sets timers of negative length.
        execArgv: ["--disable-warning=TimeoutNegativeWarning"],
      }),
    ],
  },
});
