import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { bundleOptions } from "../../../cdk/lib/bundle/bundle-entry.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

function packagesOf(pipeline: string): ReadonlySet<string> {
  const { metafile } = buildSync({
    ...bundleOptions(projectPath(`functions/pipelines/${pipeline}.ts`)),
    ...{
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      outdir: "out",
      metafile: true,
      logLevel: "error",
    },
  });
  return new Set(
    Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
}

test("the client of PostgreSQL is in the bundle of a pipeline that writes there, and in no other", () => {
  expect(packagesOf("orders-to-postgres")).toContain("pg");
  expect([...packagesOf("word-count")].filter((name) => name.startsWith("pg"))).toEqual([]);
});
