import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { DeadlineError } from "../../../../../shared/core/errors.ts";
import { boundedPattern } from "../../../../../shared/schemas/json-schema/bounded-pattern.ts";

// Whether the record or the time is to blame is up to the machine's load here; which of them, RBD1 and RBD2 say.
const LONG = `${"a".repeat(60)}!`;

test.each([
  ["^(?:a?){50}a{60}$", LONG],
  ["^(?:(?:a){1,3}){2,}$", LONG],
  ["^\\w+\\s?\\w+\\s?\\w+\\s?\\w+$", `${"a".repeat(4_000)}!`],
  ["^(a*)\\1\\1\\1\\1\\1!$", "a".repeat(20_000)],
])(
  "BPT2: %s ends, whatever the text",
  (pattern, text) => {
    const match = () => boundedPattern(pattern, "u").test(text);

    try {
      expect(match()).toBeTypeOf("boolean");
    } catch (error) {
      expect(error).toSatisfy((thrown) => thrown instanceof UndecodableError || thrown instanceof DeadlineError);
      expect(String(error)).toContain(`its schema's pattern /${pattern}/u `);
    }
  },
  120_000,
);

test("BPT2: a text that would take longer than the world is old is refused", () => {
  expect(() => boundedPattern("^(a|a)*$", "u").test(LONG)).toThrow(/^its schema's pattern \/\^\(a\|a\)\*\$\/u /);
}, 120_000);

test.each([
  ["^[A-Z]{2}\\d+$", "DE123", "DE12x"],
  ["^(?:[a-z]+\\.)+[a-z]+$", "www.example.com", "www..com"],
  ["^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", "a@example.com", "a@example"],
  ["^(?=.*\\d)(?=.*[a-z]).{8,}$", "abcdefg1", "abcdefgh"],
  ["^(\\d+)-\\1$", "12-12", "12-13"],
  ["^[)(+*]+\\)$", "(+)", "(+"],
  ["a|b{2}", "xbb", "xb"],
  ["^\\s$", "\u00a0", "a"],
  ["^\\p{Lu}$", "Ä", "ä"],
])("BPT1: %s takes what JavaScript takes, guarded or not", (pattern, taken, refused) => {
  const bounded = boundedPattern(pattern, "u");

  expect([bounded.test(taken), bounded.test(refused)]).toEqual([true, false]);
});

test("an expression that is none is refused", () => {
  expect(() => boundedPattern("(", "u")).toThrow(SyntaxError);
});

test("expressions are told apart by their texts", () => {
  expect(String(boundedPattern("a", "u"))).not.toBe(String(boundedPattern("b", "u")));
});
