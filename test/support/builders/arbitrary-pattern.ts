import fc from "fast-check";

/** Characters that topics' names have, in the patterns and in the names. */
const COMMON = ["a", "b", "A", "B", "k", "K", "1", "-", "_", "z"];

export const aTopicName = fc
  .array(fc.constantFrom(...COMMON, "."), { minLength: 1, maxLength: 6 })
  .map((characters) => characters.join(""));

const literal = fc.constantFrom(...COMMON, "}", "]", "&", ",", "é", "#", " ", "/");

const escaped = fc.constantFrom(
  ..."\\. \\- \\_ \\, \\/ \\é \\\\ \\d \\D \\w \\W \\s \\S \\h \\H \\v \\V \\061 \\x61 \\x{62} \\u0061 \\cm \\cA".split(
    " ",
  ),
  ..."\\t \\n \\e \\p{Lower} \\p{Upper} \\P{Lower} \\p{Alpha} \\p{Alnum} \\p{Punct} \\p{XDigit} \\p{Space}".split(" "),
  ..."\\p{L} \\pL \\PL \\p{Lu} \\p{Ll} \\p{Lt} \\p{LC} \\p{Nd} \\p{Pd} \\p{ASCII} \\p{javaLowerCase}".split(" "),
  ..."\\p{IsAlphabetic} \\p{IsLowercase} \\p{IsLatin} \\p{gc=Lu} \\Qa.b\\E \\Q-\\E \\Q\\E \\Q[a\\E".split(" "),
);

/** What Java refuses, or understands in a way of its own. */
const odd = fc.constantFrom(
  ..."\\y \\1 \\k<n> { {1} ( ) [ ] * \\ (? (?< (?u) (?x) \\E \\0 \\08 \\x6 \\p{Foo} \\pQ a** a+* {,2} a{2,1} [] [^]".split(
    " ",
  ),
  ..."[a&&] [&&a] [b-a] [a-\\d] [\\v-b] (?i (?<n>a)(?<n>b) (?<=a*) (?<=a+b) \\b{g} \\X \\N{x} (?>a) (a)++ (?)".split(
    " ",
  ),
);

const quantifier = fc.constantFrom(
  ..."* + ? *? +? ?? *+ ++ ?+ {2} {1,2} {0,1}+ {2,} {1,3}? {0} {0,2}".split(" "),
  ...Array.from({ length: 14 }, () => ""),
);

/** A pattern of Java's as people write them, and as nobody does. */
export const { pattern: aPattern } = fc.letrec<{ pattern: string; sequence: string; atom: string; class: string }>(
  (tie) => ({
    pattern: fc
      .array(tie("sequence"), { minLength: 1, maxLength: 3, depthIdentifier: "p" })
      .map((all) => all.join("|")),
    sequence: fc
      .array(
        fc.oneof(
          { weight: 40, arbitrary: fc.tuple(tie("atom"), quantifier).map((both) => both.join("")) },
          { weight: 2, arbitrary: fc.constantFrom("(?i)", "(?-i)", "(?s)", "(?m)", "(?d)") },
          { weight: 1, arbitrary: odd },
        ),
        { minLength: 1, maxLength: 4, depthIdentifier: "p" },
      )
      .map((all) => all.join("")),
    atom: fc.oneof(
      { depthIdentifier: "p", depthSize: "small" },
      { weight: 6, arbitrary: literal },
      { weight: 4, arbitrary: escaped },
      { weight: 2, arbitrary: fc.constantFrom(".", "^", "$", "\\A", "\\z", "\\Z", "\\b", "\\B", "\\G", "\\R") },
      { weight: 4, arbitrary: tie("class") },
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.constantFrom(..."( (?: (?i: (?= (?! (?<= (?<! (?<x> (?s-i: (?m:".split(" ")), tie("pattern"))
          .map(([opening, inner]) => `${opening}${inner})`),
      },
    ),
    class: fc
      .tuple(
        fc.constantFrom("[", "[", "[^"),
        fc.array(
          fc.oneof(
            { depthIdentifier: "p" },
            literal,
            escaped,
            fc.constantFrom("a-z", "A-Z", "0-9", "a-", "-b", "Z-a", "^", "+-A", "&", "&&ab", "&&^a", "&&\\d"),
            tie("class"),
            tie("class").map((inner) => `&&${inner}`),
          ),
          { minLength: 1, maxLength: 3, depthIdentifier: "p" },
        ),
      )
      .map(([opening, items]) => `${opening}${items.join("")}]`),
  }),
);
