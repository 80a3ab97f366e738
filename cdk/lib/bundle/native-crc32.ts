// Native CRC-32C
//
// The build of CRC-32C for the architecture that the function has, whatever machine
// deploys it: npm installs the one of the deploying machine only. What is not installed
// is fetched once by npm, into a cache of the user's.
//
//   NC1  What is fetched is the version that this package depends on, with the checksum that is pinned here.
//   NC2  Nothing of it fails a deployment: without a native build the reader computes CRC-32C in JavaScript.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { NATIVE_PACKAGE } from "./bundle-entry.ts";

/** As in `dependencies` of package.json. */
export const NATIVE_VERSION = "1.10.8";

/** By the name of Lambda's architecture: Amazon Linux has glibc. The checksums are npm's `dist.integrity`. */
export const NATIVE_BUILDS = {
  arm64: {
    name: "@node-rs/crc32-linux-arm64-gnu",
    integrity: "sha512-Vr1P3+WF+RsUVI8CNLiunl1vuzdpgTR1sf9PxgQFr3o//hh2KdqJeU4zZsFVTn+GbGZtqvRoba0wi8nKMzRLeg==",
  },
  x86_64: {
    name: "@node-rs/crc32-linux-x64-gnu",
    integrity: "sha512-DFd0eV47MAykz4PQDcBSlEvY3CtXqPt2gkBpvPngCpOUoIJgEk9tKtPjEgUwLatMkvsy4fEvAg7gckGickOyEw==",
  },
} as const;

export type NativeArchitecture = keyof typeof NATIVE_BUILDS;
type NativeBuild = (typeof NATIVE_BUILDS)[NativeArchitecture];

const FETCH_TIMEOUT_MS = 60_000;
const MAX_REASON_LENGTH = 300;

export interface NativeOptions {
  readonly architecture: NativeArchitecture;
  /** Where npm is run: the project's own registry is asked. */
  readonly projectRoot: string;
  /** Where packages are looked for, as a module there would. @default - beside this package */
  readonly resolveFrom?: string;
  /** Keeps what was fetched. @default - ~/.cache/kafka-offset-ranges */
  readonly cacheFolder?: string;
}

export type NativeOutcome = { readonly kind: "added" } | { readonly kind: "missing"; readonly why: string };

/** Puts the native package of the architecture beside the bundle in `folder`. */
export function addNativeCrc32(folder: string, options: NativeOptions): NativeOutcome {
  const build = NATIVE_BUILDS[options.architecture];
  const modules = join(folder, "node_modules");
  try {
    const loader = dirname(resolvePackage(NATIVE_PACKAGE, options.resolveFrom ?? import.meta.url));
    addBuild(build, { ...options, loader, target: join(modules, build.name) });
    // The package without what a package manager may have nested in it.
    for (const file of ["package.json", "index.js", "LICENSE"]) {
      cpSync(join(loader, file), join(modules, NATIVE_PACKAGE, file));
    }
    return { kind: "added" };
  } catch (error) {
    rmSync(join(modules, "@node-rs"), { recursive: true, force: true });
    return { kind: "missing", why: `${build.name}@${NATIVE_VERSION}: ${reasonOf(error)}` };
  }
}

interface Placement extends NativeOptions {
  readonly loader: string;
  readonly target: string;
}

function addBuild(build: NativeBuild, { loader, target, ...options }: Placement): void {
  const installed = findInstalled(build.name, join(loader, "package.json"));
  if (installed !== undefined) {
    cpSync(installed, target, { recursive: true, dereference: true });
    return;
  }
  const tarball = fetchedTarball(build, options);
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"], { stdio: "pipe" });
}

/** Its folder, where it is installed in the version that is wanted. */
function findInstalled(name: string, from: string): string | undefined {
  try {
    const manifest = resolvePackage(name, from);
    const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"));
    return version === NATIVE_VERSION ? dirname(manifest) : undefined;
  } catch {
    // npm leaves out the builds of other machines.
    return undefined;
  }
}

function resolvePackage(name: string, from: string): string {
  return createRequire(from).resolve(`${name}/package.json`);
}

/** The tarball in the cache, fetched unless it is there. Throws where npm cannot have it, or has another. */
function fetchedTarball(build: NativeBuild, { projectRoot, cacheFolder = defaultCache() }: NativeOptions): string {
  const file = `${build.name.replace("@", "").replace("/", "-")}-${NATIVE_VERSION}.tgz`;
  const cached = join(cacheFolder, file);
  if (existsSync(cached) && integrityOf(cached) === build.integrity) {
    return cached;
  }
  mkdirSync(cacheFolder, { recursive: true });
  // Of its own, so that two that fetch at the same time do not meet.
  const folder = mkdtempSync(join(cacheFolder, "fetch-"));
  try {
    npmPack(`${build.name}@${NATIVE_VERSION}`, { folder, projectRoot });
    const fetched = integrityOf(join(folder, file));
    if (fetched !== build.integrity) {
      throw new Error(`what npm fetched has the checksum ${fetched}, expected ${build.integrity}`);
    }
    renameSync(join(folder, file), cached);
    return cached;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function npmPack(spec: string, { folder, projectRoot }: { readonly folder: string; readonly projectRoot: string }) {
  const args = [
    "pack",
    spec,
    "--pack-destination",
    folder,
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--loglevel=error",
  ];
  const isWindows = process.platform === "win32";
  execFileSync("npm", isWindows ? args.map((arg) => `"${arg}"`) : args, {
    cwd: projectRoot,
    // There npm is a command file, which only a shell runs.
    shell: isWindows,
    stdio: "pipe",
    timeout: FETCH_TIMEOUT_MS,
  });
}

function defaultCache(): string {
  return join(homedir(), ".cache", "kafka-offset-ranges");
}

function integrityOf(file: string): string {
  return `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
}

/** What npm says goes before the command that failed. */
function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  const said = stderr === "" ? String(error) : stderr;
  return said.replaceAll(/\s+/g, " ").slice(0, MAX_REASON_LENGTH);
}
