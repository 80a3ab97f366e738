// Random patterns are held against Java's own in test/property/java/java-patterns.test.ts.

import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { compileTopicPattern, topicPatternProblem } from "../../../../../shared/core/pattern/topic-pattern.ts";

const NAMES = ["orders", "ORDERS", "ord-1", "ord.x", "ord_x", "eu.orders", "a", "b", "k", "9"];
const matching = (pattern: string) => NAMES.filter(compileTopicPattern(pattern));

describe("TP1, TP2: a pattern matches whole names, as in Java", () => {
  test.each([
    ["a quoted text", "\\Qord.\\E.", ["ord.x"]],
    ["a quoted text in a class", "ord[\\Q.-\\E].", ["ord-1", "ord.x"]],
    ["an escaped sign", "ord\\-.*", ["ord-1"]],
    ["anchors, which change nothing", "\\A^orders$\\Z\\z", ["orders"]],
    ["a POSIX class", "\\p{Lower}+", ["orders", "a", "b", "k"]],
    ["a class of Java's", "\\p{javaUpperCase}+", ["ORDERS"]],
    ["properties of Unicode", "\\p{IsAlphabetic}\\P{Alpha}*\\p{Nd}?", ["a", "b", "k"]],
    ["an intersection", "[a-z&&[^ab]]", ["k"]],
    ["a negated intersection", "[^a-z&&[^ab]]", ["a", "b", "9"]],
    ["a union", "[a[b0-9]]", ["a", "b", "9"]],
    ["case ignored", "(?i)oRDers", ["orders", "ORDERS"]],
    ["case ignored in a group only", "(?i:ORD)ers", ["orders"]],
    ["case ignored for ASCII only", "(?i)\\u212a", []],
    ["a class that ignores case", "(?i)\\p{Upper}", ["a", "b", "k"]],
    ["a possessive repetition, which gives nothing back", "[a-z]++s", []],
    ["a possessive repetition", "[a-z]++", ["orders", "a", "b", "k"]],
    ["horizontal blanks and ends of lines, which no name has", "a|[\\h\\v\\s]|\\R", ["a"]],
    ["code points", "\\x61|\\x{62}|\\u006b|\\071", ["a", "b", "k", "9"]],
    ["a control character that is a hyphen", "ord\\cm1", ["ord-1"]],
    ["words and digits of ASCII", "\\w+|\\d", ["orders", "ORDERS", "ord_x", "a", "b", "k", "9"]],
    ["a named group", "(?<region>eu)\\.orders", ["eu.orders"]],
    ["looks ahead and behind", "(?!a|b).*(?<=[sk])", ["orders", "eu.orders", "k"]],
    ["boundaries", "eu\\b.\\Border\\B.", []],
    ["an alternative, which is bounded by the whole name", "ord|a|orders-", ["a"]],
  ])("%s: %s", (_, pattern, expected) => {
    expect(matching(pattern)).toEqual(expected);
  });
});

describe("TP1: what has no counterpart is refused by its name and place", () => {
  test.each([
    ["*", "nothing stands before * that it could repeat, at character 1"],
    ["{", "nothing stands before {"],
    ["a{2,1}", "expected {n}, {n,} or {n,m}"],
    ["a)|(?:b", "a ) closes no group, at character 2"],
    ["(a", "a group ( is not closed, at character 3"],
    ["[a", "a class [ is not closed"],
    ["[b-a]", "a range in a class ends before it begins"],
    ["[a&&]", "nothing stands behind && in a class"],
    ["(a)\\1", "\\1 refers back to a group"],
    ["(?<n>a)\\k<n>", "\\k refers back to a group"],
    ["(?>a)", "an atomic group (?> is not taken"],
    ["(a)(ab)++", "a possessive +, as in *+, is taken behind one character or class only"],
    ["(?x)a b", "the flag x in (?x is not taken"],
    ["(?iu)a", "the flag u in (?iu is not taken"],
    ["(?P<n>a)", "is no group, and no flags, of Java's"],
    ["(?<n>a)(?<n>b)", "two groups are named n"],
    ["(?<=a*)b", "a look behind, (?<= or (?<!, takes no *, +, {n,}"],
    ["\\y", "Java knows no escape \\y"],
    ["\\p{Foo}", "\\p{Foo} is not taken in a topic pattern"],
    ["\\N{DIGIT ONE}", "\\N is not taken"],
    ["a\\", "it ends where what a backslash escapes is expected"],
    ["", "it is empty"],
    ["x".repeat(60_000), "it has 60000 characters, more than 50000"],
    ["(".repeat(200) + ")".repeat(200), "its groups are nested more than 100 deep"],
  ])("%s", (pattern, problem) => {
    expect(topicPatternProblem(pattern)).toContain(problem);
    expect(() => compileTopicPattern(pattern)).toThrow(ConfigurationError);
  });
});

test("a refusal quotes a bounded part of the pattern", () => {
  expect(() => compileTopicPattern(`${"x".repeat(1_000)}(`)).toThrow(
    /^topicPattern "x{70,80}… is not a regular expression as Java has them: a/,
  );
});

const nested = (inner: string, repetition: string, depth: number) =>
  "(".repeat(depth) + inner + `)${repetition}`.repeat(depth);

test.each([
  nested("a", "*", 90),
  nested("a?", "{2,}", 90),
  nested("a*", "{2,9}", 20),
  nested("(?=a)a", "{1,200}", 20),
  "(\\w+\\.?)+",
  "(a+)+b",
  "((a|aa)+)+x",
  "(((a*)*)*)*x",
  "(a{1,200}){1,200}b",
  "(.*)(.*)(.*)(.*)x",
])("MP1: %s ends, for a name that backtracking would not end with", (pattern) => {
  expect(compileTopicPattern(pattern)(`${"a".repeat(248)}-`)).toBe(false);
});
