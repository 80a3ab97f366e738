import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { commandLine } from "../../../../../functions/cli/output/command-line.ts";

test("names what is given, and the endpoint only where there is one", () => {
  const options = { pipeline: "word-count", partition: undefined, range: "orders:3:120" };

  expect(commandLine("retry", { table: "ledger" }, options)).toBe(
    "npx ranges retry --table ledger --pipeline word-count --range orders:3:120",
  );
  expect(commandLine("resume", { table: "ledger", endpointUrl: "http://127.0.0.1:4566" }, {})).toBe(
    "npx ranges resume --table ledger --endpoint-url http://127.0.0.1:4566",
  );
});

test.each(["two words", 'it\'s $HOME `id` \\ "quoted"', "", "a;b", "läuft"])(
  "a shell takes %j for one word",
  (text) => {
    const line = commandLine("skip", { table: "ledger" }, { reason: text });

    const words = execFileSync("sh", ["-c", line.replace("npx ranges", "printf '%s\\n'")], { encoding: "utf8" });

    expect(words.split("\n")).toEqual(["skip", "--table", "ledger", "--reason", text, ""]);
  },
);
