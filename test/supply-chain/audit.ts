// npm run audit: known vulnerabilities of what is installed with the package; exits with 1 where there is one.
// A registry that does not answer is told, and fails nothing.

import { execFile } from "node:child_process";
import { readAudit } from "./audit-report.ts";

const root = new URL("../../", import.meta.url).pathname;
const { promise, resolve, reject } = Promise.withResolvers<string>();
// npm's exit code says of a silent registry the same as of a vulnerability.
execFile("npm", ["audit", "--json", "--omit=dev", ...process.argv.slice(2)], { cwd: root }, (error, stdout) =>
  stdout === "" ? reject(error) : resolve(stdout),
);
const report = readAudit(await promise);
if (report.kind === "clean") {
  process.stdout.write("audit: no known vulnerability in what is installed with the package\n");
} else if (report.kind === "unanswered") {
  process.stdout.write(`audit: NOT DONE, since the registry did not answer: ${report.reason}\n`);
} else {
  process.stderr.write(`audit: ${report.packages.join(", ")}; npm audit --omit=dev tells more\n`);
  process.exitCode = 1;
}
