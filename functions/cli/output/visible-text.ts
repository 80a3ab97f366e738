// Visible text
//
// What is shown may hold text of anybody's: an error's that a pipeline's code threw, a reason, a broker's answer.
// A line break in it would make lines of its own among ours, an escape sequence would steer the terminal, and a
// character that turns the direction of writing would show another text than there is. The ledger, and what is kept
// or sent, has the text as it was.
//
//   VT1  A line that is shown is one line, and moves nothing but the terminal's cursor to the next.
//   VT2  JSON stays the JSON that it was: such characters are only in its texts, and are escaped there as JSON does.

/** Controls (C0, DEL, C1), line and paragraph separators, and marks of direction. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The line with each unseen character as JSON escapes it: `\n`, `\u001b`. */
export function visibleText(line: string): string {
  return line.replace(UNSEEN, (character) => SHORT[character] ?? `\\u${hexOf(character)}`);
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
