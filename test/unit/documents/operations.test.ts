// What the documents name for an operator, against the code that makes it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, readDocuments } from "../../documents/documents.ts";
import { parseProps } from "../../documents/render-props.ts";

const documents = readDocuments();
const operate = documents.get("cdk/README.md") ?? "";

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The names in backticks of the rows' cell, in a section. */
function namesIn(document: string, section: string, cell: number): readonly string[] {
  const [, text = ""] = new RegExp(`^## ${section}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(document) ?? [];
  const rows = [...text.matchAll(/^\| .*$/gm)].map(([row]) => row.split(" | ")[cell] ?? "");
  return rows.flatMap((row) => [...row.matchAll(/`([A-Z]\w+)`/g)].map(([, name = ""]) => name));
}

test("the alarms that are documented are those of the construct", () => {
  const made = [...textOf("cdk/lib/pipeline-alarms.ts").matchAll(/^ +([A-Z]\w+): \{$/gm)].map(([, name]) => name);

  expect(made.length).toBeGreaterThan(10);
  expect(new Set(namesIn(operate, "Alarms", 0))).toEqual(new Set(made));
});

test("a fault's sign names alarms that exist", () => {
  const alarms = new Set(namesIn(operate, "Alarms", 0));
  const signs = [...operate.matchAll(/alarms? ((?:`\w+`(?:, (?:after ten days )?|, then )?)+)/g)].flatMap(
    ([, names = ""]) => [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
  );

  expect(signs.length).toBeGreaterThan(10);
  expect(signs.filter((name) => !alarms.has(name))).toEqual([]);
});

test("the metrics that are documented are those that the functions write", () => {
  const reports = ["functions/processor/report-outcome.ts", "functions/scheduler/report-outcome.ts"];
  const texts = [...reports, "functions/report-throttle.ts"].map(textOf).join("\n");
  const written = [...texts.matchAll(/addMetric\(\s*"(\w+)"|^ {2}\w+: "((?:Ranges|Records)\w+)",$/gm)];

  const names = new Set(written.map(([, direct, byKind]) => direct ?? byKind));
  expect(new Set(namesIn(operate, "Metrics", 1))).toEqual(names);
});

test("props that tell where a pipeline starts are props", () => {
  const props = new Set(
    parseProps(textOf("cdk/lib/range-pipeline-props.ts"), "RangePipelineProps").map(({ name }) => name),
  );
  const starts = [...(documents.get("functions/README.md") ?? "").matchAll(/^\| `(starting\w+|onNoMatch)\b/gm)];

  expect(starts.length).toBeGreaterThan(4);
  expect(starts.map(([, name = ""]) => name).filter((name) => !props.has(name))).toEqual([]);
});

test("errors that are named exist", () => {
  // The public surface names what types are called in the code.
  const prose = [...documents].filter(([path]) => path !== "functions/package/README.md");
  const named = prose.flatMap(([, text]) => [...text.matchAll(/\b([A-Z]\w+Error)\b/g)]);
  const classes = textOf("shared/core/errors.ts") + textOf("shared/core/decode/decode-errors.ts");
  const ofAws = ["BisectBatchOnFunctionError", "FilterCriteriaError"];

  expect(named.length).toBeGreaterThan(3);
  expect(named.map(([, name]) => name).filter((name) => !classes.includes(`class ${name} `))).toEqual(ofAws);
});
