import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RANGE_STATUSES, type RangeStatus } from "../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../shared/core/range/range-status.ts";
import { readDocuments } from "../../documents/documents.ts";
import { aRangeRecord } from "../../support/builders/builders.ts";
import { START } from "../../support/fake-clock.ts";

const root = new URL("../../../", import.meta.url);
const documents = readDocuments();
const readme = documents.get("README.md") ?? "";

const GUARANTEES = ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9"];

/** Each row's guarantee with the paths that are said to prove it; "the same" are those of the row above. */
const proofs = [...readme.matchAll(/^\| \*\*(G\d) .* \| (.*) \|$/gm)].map(([, guarantee = "", cell = ""]) => {
  return { guarantee, paths: [...cell.matchAll(/`(test\/[^`]+)`/g)].map(([, path = ""]) => path) };
});

test("the README has a row for each guarantee", () => {
  expect(proofs.map(({ guarantee }) => guarantee)).toEqual(GUARANTEES);
});

test.each(proofs)("$guarantee is cited by the title of a test in each place that the README names", (proof) => {
  const above = proofs[proofs.indexOf(proof) - 1];
  const paths = proof.paths.length === 0 ? above?.paths : proof.paths;

  expect(paths?.length).toBeGreaterThan(0);
  expect(paths?.filter((path) => !textOf(path).some((text) => cites(text, proof.guarantee)))).toEqual([]);
});

/** A title is the first argument, after the cases of a table, or behind a line break. */
function cites(text: string, guarantee: string): boolean {
  return new RegExp(`(test|describe|\\])[^\\n]*["\`(]\\n?.*\\b${guarantee}\\b`).test(text);
}

/** The texts of a file, or of all files of a folder. */
function textOf(path: string): readonly string[] {
  const files = path.endsWith(".ts") ? [path] : readdirSync(new URL(path, root), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(path.endsWith(".ts") ? file : `${path}/${file}`, root), "utf8"));
}

test("the design says where each guarantee is kept", () => {
  const kept = [...(documents.get("shared/core/README.md") ?? "").matchAll(/^\| (G\d) /gm)];

  expect(kept.map(([, guarantee]) => guarantee)).toEqual(GUARANTEES);
});

test("the README's diagram of a range's life is what the status machine does", () => {
  const drawn = [...readme.matchAll(/^ {2}([A-Z]+) --> ([A-Z]+): (.*)$/gm)].map(
    ([, from = "", to = "", event = ""]) => {
      return { move: `${from} --> ${to}`, from, to, event };
    },
  );
  const moves = RANGE_STATUSES.flatMap((status) => [...statusesAfter(status)].map((to) => `${status} --> ${to}`));

  const between = drawn.filter(({ from, to }) => from !== to);
  // A plan takes an anchor's place, without an event of the anchor's.
  const byEvents = between.filter(({ event }) => !event.startsWith("plan "));
  expect(new Set(byEvents.map(({ move }) => move))).toEqual(new Set(moves));
});

/** Other statuses that some event leads to from this one, once its lease is over or by its owner. */
function statusesAfter(status: RangeStatus): ReadonlySet<RangeStatus> {
  const now = START + 120_000;
  const progress = { lease: { owner: "processor-1", counter: 1 }, fromOffset: 5n, counts: aRangeRecord().counts };
  const { lease } = progress;
  const operator = { by: "ann", reason: "the schema is mended" };
  const events = [
    { kind: "claim", owner: "processor-2", now, leaseMs: 60_000 },
    { kind: "commit", ...progress, untilOffset: 7n },
    { kind: "complete", ...progress, now, retentionMs: 1_000 },
    { kind: "fail", lease, error: { name: "Error", message: "boom" }, nextAttemptAt: now },
    { kind: "release", lease },
    { kind: "expire", now, mayRetry: true },
    { kind: "redispatch", now, dispatchTimeoutMs: 30_000 },
    { kind: "renew", now, retentionMs: 1_000 },
    { kind: "retry", operator, now },
    { kind: "skip", operator, now, retentionMs: 1_000 },
    { kind: "skipRecord", operator, offset: 7n, now },
  ] as const;
  const reached = events.flatMap((event) => {
    const transition = applyEvent(aRangeRecord({ status }), event, "write-2");
    return transition.kind === "changed" ? [transition.record.status] : [];
  });
  return new Set(reached.filter((to) => to !== status));
}
