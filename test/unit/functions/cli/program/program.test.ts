import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../../../..");

/** What is loaded with a file: its imports but for those of types and those by a call, and theirs. */
function loadedWith(start: string): ReadonlySet<string> {
  const loaded = new Set([start]);
  for (const path of loaded) {
    const text = path.endsWith(".ts") ? readFileSync(join(ROOT, path), "utf8") : "";
    for (const [, specifier = ""] of text.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?"([^"]+)";$/gm)) {
      loaded.add(specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier);
    }
  }
  return loaded;
}

test("PG1: no command line needs more packages to be understood than commander", () => {
  const loaded = [...loadedWith("functions/cli/main.ts")];

  expect(loaded.filter((name) => !name.endsWith(".ts") && !name.startsWith("node:"))).toEqual(["commander"]);
  expect(loaded.filter((name) => /^functions\/cli\/(?:commands|run|view)\//.test(name))).toEqual([]);
});

test("PG1: a command that only looks at a ledger loads no client of Kafka", () => {
  const loaded = [...loadedWith("functions/cli/run/status.ts"), ...loadedWith("functions/cli/run/verify.ts")];

  expect(loaded).toContain("@aws-sdk/client-dynamodb");
  expect(loaded).not.toContain("kafkajs");
});
