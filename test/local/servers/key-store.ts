import { join } from "node:path";
import { runCommand } from "../../../functions/local/process/run-command.ts";

const DEADLINE_MS = 60_000;
/** Of a key that lives as long as one run, on the loopback interface. */
export const KEY_STORE_PASSWORD = "loopback";

export interface KeyStore {
  /** For server.properties, for every listener with TLS. */
  readonly brokerProperties: Readonly<Record<string, string>>;
  /** PKCS12, with the key. */
  readonly storeFile: string;
  /** PEM. */
  readonly caFile: string;
}

/** Makes a self-signed certificate for 127.0.0.1. */
export async function createKeyStore(folder: string): Promise<KeyStore> {
  const store = join(folder, "broker.p12");
  const caFile = join(folder, "ca.pem");
  const access = ["-keystore", store, "-storetype", "PKCS12", "-storepass", KEY_STORE_PASSWORD, "-alias", "broker"];
  await keytool(folder, [
    ...["-genkeypair", ...access, "-keyalg", "RSA", "-keysize", "2048", "-validity", "2"],
    ...["-dname", "CN=127.0.0.1", "-ext", "SAN=IP:127.0.0.1"],
  ]);
  await keytool(folder, ["-exportcert", "-rfc", ...access, "-file", caFile]);
  return {
    storeFile: store,
    caFile,
    brokerProperties: {
      "ssl.keystore.type": "PKCS12",
      "ssl.keystore.location": store,
      "ssl.keystore.password": KEY_STORE_PASSWORD,
    },
  };
}

async function keytool(folder: string, args: readonly string[]): Promise<void> {
  await runCommand({
    name: `keytool ${args[0]}`,
    command: "keytool",
    args,
    logFile: join(folder, "keytool.log"),
    deadlineMs: DEADLINE_MS,
  });
}
