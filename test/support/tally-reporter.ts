import type { Reporter, TestModule } from "vitest/node";

/** Prints the closing line "N passed, N failed" from vitest's own results. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      // A file that could not be collected has no tests and must not vanish from the count.
      failed += module.errors().length;
      // Nor may a set-up or tear-down: vitest only skips the suite's tests, or lets them pass.
      for (const suite of module.children.allSuites()) {
        failed += suite.errors().length;
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        passed += state === "passed" ? 1 : 0;
        failed += state === "failed" ? 1 : 0;
        skipped += state === "skipped" || state === "pending" ? 1 : 0;
      }
    }
    const suffix = skipped === 0 ? "" : `, ${skipped} skipped`;
    process.on("exit", () => process.stdout.write(`${passed} passed, ${failed} failed${suffix}\n`));
  }
}
