// The ids of what the code promises: each is defined once, proven by a test whose
// title cites it, and nothing cites what is not defined.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** Built elsewhere, or data. */
const NOT_READ = /^test\/(releases\/frozen|vectors)\//;
/** Words that look like an id. */
const WORDS = new Set(["C0", "C1", "EC2", "LZ4", "S3", "V8"]);

const paths = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
}).split("\n");
const texts = new Map(
  paths
    .filter((path) => /\.(ts|md)$/.test(path) && !NOT_READ.test(path))
    .map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
);

const defined = [...texts].flatMap(([path, text]) =>
  // Documents may show one table twice: what stands in a row is theirs together.
  definitions(path, text).map((id) => ({ id, path: path.endsWith(".md") ? "a document" : path })),
);
const ids = new Set(defined.map(({ id }) => id));
const tests = [...texts].filter(([path]) => path.startsWith("test/") && path.endsWith(".ts"));
const cited = new Set(tests.flatMap(([, text]) => titleCitations(text)));

test("an id is defined once in the repository", () => {
  const places = Map.groupBy(defined, ({ id }) => id);

  const isTwice = (several: typeof defined) => several.length > 1 && several.some(({ path }) => path !== "a document");
  expect([...places].filter(([, several]) => isTwice(several))).toEqual([]);
  expect(ids.size).toBeGreaterThan(100);
});

test("an id has two or three letters, but for the guarantees (G) and the ledger's contract (L)", () => {
  expect([...ids].filter((id) => /^[A-Z]\d/.test(id)).filter((id) => !/^[GL]/.test(id))).toEqual([]);
});

test("an id stands in the title of a test", () => {
  expect([...ids].filter((id) => !cited.has(id))).toEqual([]);
});

test("what a title or a comment cites is defined", () => {
  const unknown = [...texts].flatMap(([path, text]) =>
    [...(path.startsWith("test/") ? titleCitations(text) : []), ...commentCitations(path, text)]
      .filter((id) => !ids.has(id) && !WORDS.has(id))
      .map((id) => `${id} in ${path}`),
  );

  expect([...new Set(unknown)]).toEqual([]);
});

describe("what is read", () => {
  test.each([
    ["//   @1  A record changes once.", ["@1"]],
    ["//   @1  A record\n//        changes (@2).\n//   @3  It ends.", ["@1", "@3"]],
    ["// @1 is elsewhere", []],
  ])("in %j the definitions", (text, expected) => {
    expect(definitions("a.ts", planted(text))).toEqual(expected.map(planted));
  });

  test("in a document the definitions: the first cells of a table's rows", () => {
    expect(definitions("a.md", planted("| **@1 exact** | is kept |\n| @2 | is kept, as @1 says |"))).toEqual(
      ["@1", "@2"].map(planted),
    );
  });

  test.each([
    ['test("@1: is kept", () => {', ["@1"]],
    ["test(`@1, @3-@5: is kept`, () => {", ["@1", "@3", "@4", "@5"]],
    ['  ["@2: the first row", 1],', ["@2"]],
    ['test("is kept, as in @1", () => {', []],
  ])("in %j the citations of titles", (text, expected) => {
    expect(titleCitations(planted(text))).toEqual(expected.map(planted));
  });

  test.each([
    ["const kept = 1; // Kept (@1).", ["@1"]],
    ["/** As @1 says, and @2-@3. */", ["@1", "@2", "@3"]],
    ["const @1 = 1;", []],
  ])("in %j the citations of comments", (text, expected) => {
    expect(commentCitations("a.ts", planted(text))).toEqual(expected.map(planted));
  });
});

/** In a header three blanks, the id, two blanks and what holds; in a document the first cell of a table's row. */
function definitions(path: string, text: string): string[] {
  const pattern = path.endsWith(".md")
    ? /^\| (?:\*\*)?([A-Z]{1,3}\d{1,2})\b/gm
    : /^\/\/ {3}([A-Z]{1,3}\d{1,2}) {2}\S/gm;
  return [...text.matchAll(pattern)].map(([, id = ""]) => id);
}

/** What a text begins with: ids and ranges of ids, up to a colon. */
function titleCitations(text: string): string[] {
  const titles = text.matchAll(/["`]((?:[A-Z]{1,3}\d{1,2}(?:-[A-Z]{1,3}\d{1,2})?(?:, )?)+): /g);
  return [...titles].flatMap(([, list = ""]) => citations(list));
}

/** Whatever looks like an id in a comment. */
function commentCitations(path: string, text: string): string[] {
  const comments = path.endsWith(".md") ? [] : text.matchAll(/(?:^|\s)(?:\/\/|\/\*\*|\*) .*$/gm);
  return [...comments].flatMap(([comment]) => citations(comment));
}

function citations(text: string): string[] {
  const found = text.matchAll(/(?<![\w./$#<'"`-])([A-Z]{1,3})(\d{1,2})(?:-\1(\d{1,2}))?(?![\w(])/g);
  return [...found].flatMap(([, letters = "", first = "", last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${letters}${Number(first) + index}`),
  );
}

/** Ids that no other reader of this file takes for its own. */
function planted(text: string): string {
  return text.replaceAll("@", "QQ");
}
