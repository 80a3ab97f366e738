// What Java makes of random texts of this kind is held in test/property/java/java-texts.test.ts.

import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { parseJaasConfig } from "../../../../../shared/wire/java/jaas-config.ts";

function optionsOf(options: string) {
  return Object.fromEntries(parseJaasConfig(`PlainLoginModule required ${options}`)[0]?.options ?? []);
}

test.each([
  ["single quotes", "username='a b' password='c;d';", { username: "a b", password: "c;d" }],
  ["double quotes", `username="a=b" password="it's";`, { username: "a=b", password: "it's" }],
  ["no quotes", "username=alice password=p!w+1;", { username: "alice", password: "p!w+1" }],
  ["no blank between options", `username="a"password='b';`, { username: "a", password: "b" }],
  ["blanks around =", 'username = "a"\n\tpassword\n=\n"b" ;', { username: "a", password: "b" }],
  ["escapes", String.raw`username="\101\n\q" password='\'"';`, { username: "A\nq", password: `'"` }],
  [
    "comments",
    `/* ; */ username="a" // password="no";\n password="b/*c*///d";`,
    { username: "a", password: "b/*c*///d" },
  ],
  ["a later option of the same name", "username=a username=b;", { username: "b" }],
  ["no option", ";", {}],
])("options with %s", (_, options, expected) => {
  expect(optionsOf(options)).toEqual(expected);
});

test("several modules, with any flag", () => {
  const modules = parseJaasConfig("a.B required; c.D Optional x=y; 'e.F' REQUISITE;");

  expect(modules.map(({ name }) => name)).toEqual(["a.B", "c.D", "e.F"]);
});

test.each([
  ["nothing", "", "at character 1: expected a login module"],
  ["no flag", "PlainLoginModule", "at character 17: expected a flag"],
  ["another word for a flag", "PlainLoginModule PLANTED;", "a login module begins with its class and a flag"],
  ["no semicolon", "M required username='a'", "at character 24: expected the name of option 2, or ;"],
  ["a blank in a value", "M required password=a PLANTED;", "at character 30: expected = behind the name of option 2"],
  [
    "a slash, which begins a comment",
    "M required password=a/PLANTED;",
    "at character 31: expected the name of option 2",
  ],
  ["no value", "M required PLANTED=;", "at character 20: expected the value of option 1"],
  ["a quote that its line ends", "M required password='PLANTED\n", "expected the name of option 2"],
])("JC1: refuses %s by its place, and quotes nothing", (_, text, message) => {
  expect(() => parseJaasConfig(text)).toThrow(ConfigurationError);
  expect(() => parseJaasConfig(text)).toThrow(message);
  expect(() => parseJaasConfig(text)).not.toThrow("PLANTED");
});
