import assert from "node:assert/strict";
import type { LiveOutput } from "../../../functions/local/view/live-table.ts";

const ESCAPE = "\u001b";

/** A terminal that understands line feeds, carriage returns, cursor up, and erase below. */
export function aScreen(size: { readonly columns: number; readonly rows: number }): LiveOutput & {
  lines(): readonly string[];
} {
  const lines = [""];
  let at = 0;
  const print = (text: string) => {
    for (const [index, line] of text.replaceAll("\r", "").split("\n").entries()) {
      at += index === 0 ? 0 : 1;
      lines[at] = (lines[at] ?? "") + line;
    }
  };
  const control = (sequence: string) => {
    const [, count, verb, text] = /^\[(\d+)([AJ])(.*)$/s.exec(sequence) ?? assert.fail(`unknown sequence ${sequence}`);
    if (verb === "J") {
      lines.splice(at, lines.length, "");
    } else {
      at -= Number(count);
      assert.ok(at >= 0, "the cursor left the screen");
    }
    print(text ?? "");
  };
  return {
    ...size,
    isTTY: true,
    write: (text) => {
      const [plain = "", ...sequences] = text.split(ESCAPE);
      print(plain);
      sequences.forEach(control);
    },
    lines: () => lines.slice(0, lines.at(-1) === "" ? -1 : undefined),
  };
}
