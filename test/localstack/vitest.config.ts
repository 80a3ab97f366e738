import { defineConfig } from "vitest/config";

const root = new URL("../..", import.meta.url).pathname;

/** Not a project of test/vitest.config.ts: what it needs is not asked of everybody. */
export default defineConfig({
  test: {
    name: "localstack",
    root,
    reporters: ["default", "./test/support/tally-reporter.ts"],
    include: [
      "test/integration/end-to-end.test.ts",
      "test/integration/{dynamodb,secrets-manager,sqs}/**/*.test.ts",
      "test/localstack/**/*.test.ts",
    ],
    globalSetup: ["./test/localstack/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
  },
});
