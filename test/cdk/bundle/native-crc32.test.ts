import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { addNativeCrc32, NATIVE_BUILDS, NATIVE_VERSION } from "../../../cdk/lib/bundle/native-crc32.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { hostArchitecture } from "../../../functions/local/process/host-architecture.ts";

const HOST = hostArchitecture();
const OTHER = HOST === "arm64" ? "x86_64" : "arm64";
/** Where nothing listens. */
const NO_REGISTRY = "http://127.0.0.1:1/";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "native-"));
  onTestFinished(() => rm(folder, { recursive: true }));
});

function add(architecture: typeof HOST, cacheFolder = join(folder, "cache")) {
  return addNativeCrc32(folder, { architecture, projectRoot: folder, cacheFolder });
}

test("NC1: the version and the checksums are those of the lock file", async () => {
  const { packages } = JSON.parse(await readFile(projectPath("package-lock.json"), "utf8"));

  expect(packages["node_modules/@node-rs/crc32"].version).toBe(NATIVE_VERSION);
  for (const { name, integrity } of Object.values(NATIVE_BUILDS)) {
    expect(packages[`node_modules/${name}`]).toMatchObject({ version: NATIVE_VERSION, integrity });
  }
});

test("the build that is installed is taken without asking anybody", async () => {
  vi.stubEnv("npm_config_registry", NO_REGISTRY);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  expect(add(HOST)).toEqual({ kind: "added" });
  expect(await readdir(join(folder, "node_modules", NATIVE_BUILDS[HOST].name))).toContain("package.json");
});

test("the build of another architecture is fetched once, and then taken from the cache", async () => {
  expect(add(OTHER)).toEqual({ kind: "added" });

  vi.stubEnv("npm_config_registry", NO_REGISTRY);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await rm(join(folder, "node_modules"), { recursive: true });

  expect(add(OTHER)).toEqual({ kind: "added" });
  expect(await readdir(join(folder, "node_modules/@node-rs"))).toEqual([
    "crc32",
    NATIVE_BUILDS[OTHER].name.replace("@node-rs/", ""),
  ]);
});

test("NC2: where npm cannot fetch it, that is said with the reason, and nothing is left half there", async () => {
  vi.stubEnv("npm_config_registry", NO_REGISTRY);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  const outcome = add(OTHER);

  expect(outcome).toMatchObject({
    kind: "missing",
    why: expect.stringMatching(new RegExp(`^${NATIVE_BUILDS[OTHER].name}@${NATIVE_VERSION}: .*ECONNREFUSED`)),
  });
  expect(await readdir(join(folder, "node_modules")).catch(() => [])).toEqual([]);
});

test("NC1: what lies in the cache with another checksum is not taken", async () => {
  const cache = join(folder, "cache");
  expect(add(OTHER, cache)).toEqual({ kind: "added" });
  const [file = ""] = await readdir(cache);
  await writeFile(join(cache, file), "something else");
  vi.stubEnv("npm_config_registry", NO_REGISTRY);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  expect(add(OTHER, cache)).toMatchObject({ kind: "missing" });
});
