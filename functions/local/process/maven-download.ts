import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkRequirements } from "./requirements.ts";
import { runCommand } from "./run-command.ts";

const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const DEADLINE_MS = 600_000;

/** Copies the artifacts ("group:artifact:version") with all that they need into `folder`/lib. */
export async function downloadJars(folder: string, artifacts: readonly string[]): Promise<void> {
  checkRequirements(["java", "maven"]);
  await mkdir(join(folder, "lib"));
  await writeFile(join(folder, "pom.xml"), renderPom(artifacts));
  await runCommand({
    name: "Maven",
    command: "mvn",
    args: [
      "--batch-mode",
      "--quiet",
      "--strict-checksums",
      copyDependencies,
      "-DoutputDirectory=lib",
      "-DincludeScope=runtime",
    ],
    cwd: folder,
    // Its mirrors and certificates are the user's.
    env: process.env,
    logFile: join(folder, "maven.log"),
    deadlineMs: DEADLINE_MS,
  });
}

function renderPom(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [groupId, artifactId, version] = artifact.split(":");
    return `    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>local-stack</artifactId>
  <version>1</version>
  <dependencies>
${dependencies.join("\n")}
  </dependencies>
</project>
`;
}
