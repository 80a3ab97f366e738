import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cachedFolder } from "../../../../../functions/local/process/cache-folder.ts";

const titled = (name: string) => ({ name, title: "a test's file" });

test("fills a folder once and finds it whole afterwards", async () => {
  const name = aName();
  const fill = (folder: string) => writeFile(join(folder, "file"), "whole");

  const first = await cachedFolder({ ...titled(name), fill });
  const second = await cachedFolder({ ...titled(name), fill: () => Promise.reject(new Error("filled twice")) });

  expect(second).toBe(first);
  expect(readFileSync(join(first, "file"), "utf8")).toBe("whole");
});

test("gives two downloads at once the folder of the first to finish, and leaves nothing of the other", async () => {
  const name = aName();
  const both = Promise.withResolvers<void>();
  let filling = 0;
  const fill = async (folder: string) => {
    await writeFile(join(folder, "file"), "whole");
    filling += 1;
    if (filling === 2) {
      both.resolve();
    }
    await both.promise;
  };

  const folders = await Promise.all([1, 2].map(() => cachedFolder({ ...titled(name), fill })));

  expect(folders[0]).toBe(folders[1]);
  expect(await entriesOf(name)).toEqual([name]);
  expect(await readdir(String(folders[0]))).toEqual(["file"]);
});

test("leaves nothing of a download that failed, so that the next one starts anew", async () => {
  const name = aName();
  const half = async (folder: string) => {
    await writeFile(join(folder, "file"), "half");
    throw new Error("connection reset");
  };

  await expect(cachedFolder({ ...titled(name), fill: half })).rejects.toThrow("connection reset");

  expect(await entriesOf(name)).toEqual([]);
});

const cacheRoot = new URL("../../../../../.cache/", import.meta.url).pathname;

function aName(): string {
  const name = `test-${randomUUID()}`;
  onTestFinished(() => rm(join(cacheRoot, name), { recursive: true, force: true }));
  return name;
}

async function entriesOf(name: string): Promise<readonly string[]> {
  return (await readdir(cacheRoot)).filter((entry) => entry.startsWith(name));
}
