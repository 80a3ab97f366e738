// What the documents say of `ranges`, held against the program itself. That each option
// is told is generated.test.ts.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EXIT } from "../../../functions/cli/output/exit-codes.ts";
import { commandsOf, parseCommandLine } from "../../../functions/cli/parse-command-line.ts";
import { createProgram } from "../../../functions/cli/program/program.ts";
import { readDocuments } from "../../documents/documents.ts";

const documents = readDocuments();
const text = documents.get("functions/cli/README.md") ?? "";
const program = createProgram(() => undefined);
const { commands } = program;
const names = commands.map((command) => command.name());

/** The `ranges` lines of the code blocks; not those that have something to fill in. */
const examples = [...documents].flatMap(([path, document]) =>
  [...document.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => /^(npx )?ranges [a-z]/.test(line) && !/[$…]|(?<=[ :])[A-Z]+(?=[ :]|$)/.test(line))
    .map((line) => ({ path, words: wordsOf(line.replace(/^npx /, "")) })),
);

test("each command of ranges has a section, and no other has one", () => {
  const sections = [...text.matchAll(/^## ranges (.+)$/gm)].map(([, name]) => name);

  expect(sections).toEqual(names);
});

test("each command has an example, and the program takes every one", () => {
  const shown = new Set(examples.filter(({ path }) => path === "functions/cli/README.md").map(({ words }) => words[1]));

  expect([...shown]).toEqual(names);
  for (const { words } of examples) {
    expect(parseCommandLine(["node", ...withFile(words)]), words.join(" ")).toBeTypeOf("function");
  }
});

test("no option is named that no command has", () => {
  const known = new Set([
    ...commandsOf(program).flatMap(({ options }) => options.map(({ long }) => long)),
    "--help",
    "--verbose",
  ]);
  const named = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);

  expect(named.filter((option) => !known.has(option))).toEqual([]);
});

test("no command is named that does not exist", () => {
  const named = [...documents.values()].flatMap((document) =>
    [...document.matchAll(/(?:`|npx )ranges ([a-z][a-z-]*)/g)].map(([, name = ""]) => name),
  );

  expect(named.filter((name) => !names.includes(name) && name !== "help")).toEqual([]);
});

test("the exit codes are those of the program, and a shell's for Ctrl-C", () => {
  const codes = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));

  expect(codes).toEqual([...new Set(Object.values(EXIT))].toSorted((a, b) => a - b).concat(130 as never));
});

const FILE_OPTIONS = ["--command-config", "--config", "--entry"];

/** With a file that is there in place of one that the reader has. */
function withFile(words: readonly string[]): readonly string[] {
  const file = fileURLToPath(import.meta.url);
  return words.map((word, index) => (FILE_OPTIONS.includes(words[index - 1] ?? "") ? file : word));
}

/** As a shell parts them, quotes and a comment at the end included. */
function wordsOf(line: string): readonly string[] {
  const [command = ""] = line.split(/\s#/);
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
