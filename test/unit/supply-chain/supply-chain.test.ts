// What comes with the package: pinned, of licences that anybody may use, and inert until it is imported.

import { expect, test } from "vitest";
import { readManifest, readProductionPackages } from "../../supply-chain/lock-file.ts";

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
/** SPDX, as packages write it. Of a choice one licence suffices, and node-forge offers one. */
const LICENSES = new Set(["0BSD", "Apache-2.0", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "(BSD-3-Clause OR GPL-2.0)"]);
/** What npm runs by itself when somebody installs the package. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];

const manifest = await readManifest();
const production = await readProductionPackages();

test("every dependency is pinned to one version", () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

  expect(versions.filter(([, version]) => !EXACT.test(version))).toEqual([]);
});

test("each dependency is among the packages that are judged", () => {
  const paths = production.map(({ path }) => path);

  expect(paths).toEqual(
    expect.arrayContaining(Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`)),
  );
});

test("every package that is installed has a licence of the list", () => {
  expect(production.filter(({ license = "none" }) => !LICENSES.has(license))).toEqual([]);
});

test("nothing that is installed runs a script for it, nor does the package", () => {
  expect(production.filter(({ hasInstallScript = false }) => hasInstallScript)).toEqual([]);
  expect(INSTALL_SCRIPTS.filter((name) => name in manifest.scripts)).toEqual([]);
});
