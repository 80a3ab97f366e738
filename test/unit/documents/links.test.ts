// What the documents point to: links, anchors, paths, npm scripts, their own contents.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, readDocuments } from "../../documents/documents.ts";

/** Files that a document tells its reader to write. */
const READERS_OWN = new Set(["functions/pipelines/orders.ts", "cdk/bin/orders.ts"]);

const documents = readDocuments();

test("there is a document at the top, and beside each of what it describes", () => {
  expect([...documents.keys()].toSorted()).toEqual([
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "cdk/README.md",
    "cdk/guides/costs.md",
    "cdk/guides/moving-in.md",
    "cdk/guides/msk-iam.md",
    "cdk/guides/msk-scram.md",
    "cdk/guides/operators.md",
    "cdk/guides/recipes.md",
    "cdk/guides/self-managed-mtls.md",
    "cdk/guides/without-cdk.md",
    "functions/README.md",
    "functions/cli/README.md",
    "functions/deserializers/README.md",
    "functions/event-source/README.md",
    "functions/kafka-params/README.md",
    "functions/outputs/README.md",
    "functions/outputs/kafka/README.md",
    "functions/outputs/postgres/README.md",
    "functions/outputs/s3/README.md",
    "functions/package/README.md",
    "shared/core/README.md",
    "shared/kafka/README.md",
    "test/README.md",
    "test/covered-by.md",
  ]);
});

test("the README can be taken in: at most 180 lines", () => {
  expect((documents.get("README.md") ?? "").split("\n").length - 1).toBeLessThanOrEqual(180);
});

describe.each([...documents])("%s", (path, text) => {
  test("links to files and headings that exist", () => {
    const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const dead = targets.filter((target) => !target.startsWith("https://") && !isThere(path, target));

    expect(dead).toEqual([]);
  });

  test("names paths that exist", () => {
    const paths = [...text.matchAll(/(?<![\w/.@-])((?:test|functions|shared|cdk)\/[\w./-]*\w)/g)].map(
      ([, named = ""]) => named,
    );

    expect(paths.filter((named) => !READERS_OWN.has(named) && !existsSync(join(ROOT, named)))).toEqual([]);
  });

  test("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const named = [...text.matchAll(/npm (?:run ([a-z]+(?::[a-z-]+)?)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short ?? "",
    );

    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  // The format of a changelog has none.
  test(`${path === "CHANGELOG.md" ? "has no" : "begins with its"} table of contents`, () => {
    const [head = ""] = text.split("\n## ");
    const listed = [...head.matchAll(/^- \[(.+)\]\(#(.+)\)$/gm)].map(([, title = "", anchor]) => ({ title, anchor }));
    const headings = [...withoutCode(text).matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);

    expect(listed).toEqual(
      path === "CHANGELOG.md" ? [] : headings.map((title) => ({ title, anchor: anchorOf(title) })),
    );
  });
});

function isThere(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  const document = documents.get(path);
  if (anchor === undefined) {
    return existsSync(join(ROOT, path));
  }
  const headings = [...withoutCode(document ?? "").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
  return headings.includes(anchor);
}

/** As GitHub makes one of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}
