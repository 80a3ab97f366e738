import { readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);

export interface LockedPackage {
  readonly path: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, Omit<LockedPackage, "path"> & { readonly dev?: boolean; readonly devOptional?: boolean }>
  >;
}

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(new URL("package.json", root), "utf8"));
}

/** What is installed with the package, and with whatever it depends on. */
export async function readProductionPackages(): Promise<readonly LockedPackage[]> {
  const { packages }: LockFile = JSON.parse(await readFile(new URL("package-lock.json", root), "utf8"));
  return Object.entries(packages).flatMap(([path, { dev = false, devOptional = false, ...locked }]) =>
    path === "" || dev || devOptional ? [] : [{ path, ...locked }],
  );
}
