// Records stores.json beside it: certificates and keys in every store that Java's clients take, as
// keytool of JDK 17 and OpenSSL 3 write them. Run by hand, where both are there:
// node test/vectors/key-stores/record.ts. What it writes serves tests alone, and lasts a century.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "key-stores-"));
const DAYS = "36500";
const PASSWORD = "store-secret";
const KEY_PASSWORD = "key-secret";

const at = (name: string) => join(folder, name);
const run = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
const openssl = (...args: readonly string[]) => run("openssl", args);
const keytool = (...args: readonly string[]) => run("keytool", args);

interface Subject {
  readonly name: string;
  readonly algorithm?: readonly string[];
  readonly issuer?: string;
  readonly extensions: readonly string[];
  readonly days?: string;
}

const RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const EC = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];

/** A key and a certificate of it, by its issuer or by itself: NAME.key and NAME.pem. */
function issue({ name, algorithm = EC, issuer, extensions, days = DAYS }: Subject): void {
  openssl("genpkey", ...algorithm, "-out", `${name}.key`);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
  writeFileSync(at(`${name}.ext`), extensions.join("\n"));
  const signed =
    issuer === undefined
      ? ["-signkey", `${name}.key`]
      : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...signed,
    "-days",
    days,
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
}

const LOOPBACK = ["subjectAltName=IP:127.0.0.1,DNS:localhost"];
issue({ name: "root", extensions: AUTHORITY });
issue({ name: "intermediate", issuer: "root", extensions: AUTHORITY });
issue({ name: "stranger", extensions: AUTHORITY });
issue({ name: "broker", algorithm: RSA, issuer: "intermediate", extensions: LOOPBACK });
issue({
  name: "elsewhere",
  issuer: "intermediate",
  extensions: ["subjectAltName=DNS:elsewhere.example,DNS:b-1.elsewhere.example"],
});
issue({ name: "expired", issuer: "intermediate", extensions: LOOPBACK, days: "-1" });
issue({ name: "client", algorithm: RSA, issuer: "intermediate", extensions: ["keyUsage=digitalSignature"] });
issue({ name: "client-ec", issuer: "intermediate", extensions: ["keyUsage=digitalSignature"] });
issue({
  name: "client-ed",
  algorithm: ["-algorithm", "ED25519"],
  issuer: "intermediate",
  extensions: ["keyUsage=digitalSignature"],
});
writeFileSync(at("chain.pem"), readFileSync(at("intermediate.pem"), "utf8") + readFileSync(at("root.pem"), "utf8"));

interface Store {
  readonly file: string;
  /** PKCS12 or JKS. */
  readonly type: string;
  /** Absent where it is opened without. */
  readonly password?: string;
  readonly keyPassword?: string;
  /** The names of the certificates that it makes trusted, or of its key. */
  readonly trusted?: readonly string[];
  readonly key?: string;
}

const stores: Record<string, Store> = {};

/** By OpenSSL, with the options; the chain is in it. */
function exportStore(title: string, key: string, options: readonly string[]): void {
  const file = `${title.replaceAll(/\W+/g, "-")}.p12`;
  const password = ["-passout", `pass:${PASSWORD}`];
  openssl(
    "pkcs12",
    "-export",
    "-inkey",
    `${key}.key`,
    "-in",
    `${key}.pem`,
    "-certfile",
    "chain.pem",
    ...password,
    ...options,
    "-out",
    file,
  );
  stores[title] = { file, type: "PKCS12", password: PASSWORD, key };
}

exportStore("OpenSSL, RSA", "client", ["-name", "client"]);
exportStore("OpenSSL, without a name", "client-ec", []);
exportStore("OpenSSL, legacy", "client", ["-legacy", "-name", "client"]);
exportStore("OpenSSL, neither MAC nor encryption", "client-ec", ["-nomac", "-keypbe", "NONE", "-certpbe", "NONE"]);
for (const name of ["broker", "elsewhere", "expired"]) {
  exportStore(`broker, ${name}`, name, ["-name", name]);
}

/** By keytool, out of OpenSSL's. */
function importStore(title: string, key: string, options: readonly string[], store: Partial<Store>): void {
  const from = `from-${key}.p12`;
  openssl(
    "pkcs12",
    "-export",
    "-inkey",
    `${key}.key`,
    "-in",
    `${key}.pem`,
    "-certfile",
    "chain.pem",
    "-passout",
    `pass:${PASSWORD}`,
    "-name",
    key,
    "-out",
    from,
  );
  const file = title.replaceAll(/\W+/g, "-");
  const to = ["-destkeystore", file, "-deststorepass", PASSWORD];
  keytool(
    "-importkeystore",
    "-srckeystore",
    from,
    "-srcstorepass",
    PASSWORD,
    "-alias",
    key,
    ...to,
    ...options,
    "-noprompt",
  );
  stores[title] = { file, type: "PKCS12", password: PASSWORD, key, ...store };
}

const LEGACY = "-J-Dkeystore.pkcs12.legacy";
importStore("keytool, RSA", "client", ["-deststoretype", "PKCS12"], {});
importStore("keytool, EC", "client-ec", ["-deststoretype", "PKCS12"], {});
importStore("keytool, Ed25519", "client-ed", ["-deststoretype", "PKCS12"], {});
importStore("keytool, legacy", "client", ["-deststoretype", "PKCS12", LEGACY], {});
importStore("keytool, JKS", "client", ["-deststoretype", "JKS"], { type: "JKS" });
importStore(
  "keytool, JKS of EC, key password apart",
  "client-ec",
  ["-deststoretype", "JKS", "-destkeypass", KEY_PASSWORD],
  {
    type: "JKS",
    keyPassword: KEY_PASSWORD,
  },
);

for (const name of ["client", "client-ec"]) {
  importStore("JKS of two keys", name, ["-deststoretype", "JKS"], { type: "JKS" });
}
delete (stores["JKS of two keys"] as { key?: string }).key;

/** By keytool: certificates alone. */
function trust(title: string, type: string, names: readonly string[], options: readonly string[] = []): void {
  const file = title.replaceAll(/\W+/g, "-");
  for (const name of names) {
    const into = ["-keystore", file, "-storetype", type, "-storepass", PASSWORD];
    keytool("-importcert", "-noprompt", "-alias", name, "-file", `${name}.pem`, ...into, ...options);
  }
  stores[title] = { file, type, password: PASSWORD, trusted: names };
}

for (const type of ["JKS", "PKCS12"]) {
  for (const name of ["root", "intermediate", "broker", "stranger"]) {
    trust(`${type} trusting ${name}`, type, [name]);
  }
  trust(`${type} trusting two`, type, ["root", "stranger"]);
}
trust("legacy PKCS12 trusting root", "PKCS12", ["root"], [LEGACY]);
const bare = [
  "-J-Dkeystore.pkcs12.certPbeIterationCount=1",
  "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE",
  "-J-Dkeystore.pkcs12.macAlgorithm=NONE",
];
trust("PKCS12 trusting root, without a password", "PKCS12", ["root"], bare);
delete (stores["PKCS12 trusting root, without a password"] as { password?: string }).password;

const PEMS = ["root", "intermediate", "stranger", "broker", "elsewhere", "expired", "client", "client-ec", "client-ed"];
writeFileSync(
  new URL("stores.json", import.meta.url),
  `${JSON.stringify(
    {
      certificates: Object.fromEntries(PEMS.map((name) => [name, readFileSync(at(`${name}.pem`), "utf8")])),
      keys: Object.fromEntries(PEMS.map((name) => [name, readFileSync(at(`${name}.key`), "utf8")])),
      stores: Object.fromEntries(
        Object.entries(stores).map(([title, { file, ...store }]) => [
          title,
          { ...store, base64: readFileSync(at(file)).toString("base64") },
        ]),
      ),
    },
    undefined,
    2,
  )}\n`,
);
rmSync(folder, { recursive: true });
