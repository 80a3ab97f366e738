import { join } from "node:path";
import { cachedFolder } from "../../../functions/local/process/cache-folder.ts";
import { checkRequirements } from "../../../functions/local/process/requirements.ts";
import { runCommand } from "../../../functions/local/process/run-command.ts";
import { startServer, withFreePorts } from "../../../functions/local/process/start-server.ts";

/** The last one that JDK 17 runs: 3.x wants 21. */
const VERSION = "2.6.13.Final";
const DOWNLOAD_DEADLINE_MS = 600_000;
const START_DEADLINE_MS = 120_000;

/** A schema registry with Confluent's API, in memory. */
export interface Apicurio {
  /** Of that API. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `folder` takes its log. */
export async function startApicurio({ folder }: { readonly folder: string }): Promise<Apicurio> {
  checkRequirements(["java"]);
  const app = await apicurioFolder();
  return withFreePorts(1, async ([port]) => {
    const server = await startServer({
      name: "Apicurio",
      command: "java",
      args: [
        ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
        ...["-Dquarkus.http.host=127.0.0.1", `-Dquarkus.http.port=${port}`],
        ...["-jar", join(app, `apicurio-registry-app-${VERSION}-runner.jar`)],
      ],
      cwd: folder,
      logFile: join(folder, "apicurio.log"),
      readyLine: "Listening on: http://127.0.0.1",
      deadlineMs: START_DEADLINE_MS,
    });
    return { url: `http://127.0.0.1:${port}/apis/ccompat/v7`, pid: server.pid, stop: () => server.stop() };
  });
}

function apicurioFolder(): Promise<string> {
  return cachedFolder({
    name: `apicurio-${VERSION}`,
    title: `Apicurio Registry ${VERSION} (142 MB)`,
    async fill(empty) {
      checkRequirements(["java", "maven"]);
      await runCommand({
        name: "Maven",
        command: "mvn",
        args: [
          ...["--batch-mode", "--quiet", "--strict-checksums"],
          "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack",
          `-Dartifact=io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`,
          `-DoutputDirectory=${empty}`,
        ],
        cwd: empty,
        // Its mirrors and certificates are the user's.
        env: process.env,
        logFile: join(empty, "maven.log"),
        deadlineMs: DOWNLOAD_DEADLINE_MS,
      });
    },
  });
}
