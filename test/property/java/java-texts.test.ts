// What people paste into a file of client properties, against what Java and Kafka's own
// client make of the same text.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectionParamsOf } from "../../../functions/kafka-params/connection-params.ts";
import { signBySdk } from "../../../functions/kafka-params/sdk-login.ts";
import { readStoreFile } from "../../../functions/kafka-params/store-file.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { readCertificates } from "../../../shared/key-stores/pem.ts";
import { parseJaasConfig } from "../../../shared/wire/java/jaas-config.ts";
import { jaasTokens } from "../../../shared/wire/java/jaas-tokens.ts";
import { parseJavaProperties } from "../../../shared/wire/java/java-properties.ts";
import { judgeParams } from "../../../shared/wire/kafka-params/judge-params.ts";
import { KAFKA_SETTINGS, ruleOf } from "../../../shared/wire/kafka-params/setting-rules.ts";
import { protocolOf } from "../../../shared/wire/login/security-protocol.ts";
import { type JavaValues, startJavaValues } from "../../support/java/java-values.ts";
import { createSelfSigned } from "../../support/self-signed-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "java-texts-"));
let java: JavaValues;
beforeAll(async () => {
  java = await startJavaValues(folder);
});
afterAll(async () => {
  await java.stop();
  rmSync(folder, { recursive: true });
});

const RUNS = { numRuns: 40 };
const batchOf = (text: fc.Arbitrary<string>) => fc.array(text, { minLength: 100, maxLength: 100 });

function judge(key: string, value: string) {
  return judgeParams([{ key, value, line: 1 }], {}).params;
}

/** Null where it is refused. */
function valueOrNull<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return null;
    }
    throw error;
  }
}

const jaasPiece = fc.oneof(
  fc.constantFrom(..."' \" ; = / // /* */ \\ \\101 \\9 \\777 \\n a é 漢 1 - required optional Module".split(" ")),
  fc.constantFrom(" ", "\t", "\n", "\r\n", "\0", "\x7f", "\x80", "\x81", "\x90", "\u00a0", "\u2028"),
  fc.constantFrom(" k=v", " k='v;'", ' k="v\\"w"', ' k = "a=b"', "k='x'l=\"y\"", "; N sufficient z=q;", "/* ; */"),
);

const jaas = fc
  .tuple(
    fc.constantFrom("", "M required", "M optional ", "M Required/**/", "'M' requisite"),
    fc.array(jaasPiece, { maxLength: 10 }),
    fc.constantFrom(";", ";", ""),
  )
  .map(([start, pieces, end]) => `${start}${pieces.join("")}${end}`)
  // A quote that ends in a backslash is refused either way, for want of its semicolon.
  .filter((text) => !text.endsWith("\\"));

test("sasl.jaas.config falls into the words that java.io.StreamTokenizer finds", async () => {
  await fc.assert(
    fc.asyncProperty(batchOf(jaas), async (texts) => {
      const answers = await java.of("jaasTokens", texts);
      for (const [index, text] of texts.entries()) {
        const tokens = [...jaasTokens(text)].map((token) => `${token.kind} ${token.text}`);
        expect({ text, tokens }).toEqual({ text, tokens: answers[index] });
      }
    }),
    RUNS,
  );
});

test("sasl.jaas.config means what it means to Kafka's client, wherever that takes it", async () => {
  let taken = 0;

  await fc.assert(
    fc.asyncProperty(batchOf(jaas), async (texts) => {
      const answers = await java.of("jaas", texts);
      for (const [index, text] of texts.entries()) {
        const answer = answers[index] ?? null;
        if (answer !== null) {
          const modules = parseJaasConfig(text).map(({ name, options }) => ({ name, options: sorted(options) }));
          expect({ text, modules }).toEqual({ text, modules: answer });
          taken += 1;
        }
      }
    }),
    RUNS,
  );

  expect(taken).toBeGreaterThan(100);
});

const propertiesPiece = fc.constantFrom(
  ..."a b key = : # ! \\\\ \\u0041 \\u00 \\t \\q \\= é 漢".split(" "),
  ...[" ", "\\ ", "\t", "\f", "\n", "\r\n", "\r", "\\\n", "\\\r\n ", "\u00a0", "\ufeff", "\v", "\u2028", "\0"],
);

const properties = fc
  .array(propertiesPiece, { maxLength: 14 })
  .map((pieces) => pieces.join(""))
  // A line of nothing but its continuation: Java takes what follows for a comment or not by the blanks before it.
  .filter((text) => !/(^|[\r\n])[ \t\f]*\\([\r\n]|$)/.test(text));

test("a file of properties holds what java.util.Properties reads in it", async () => {
  await fc.assert(
    fc.asyncProperty(batchOf(properties), async (texts) => {
      const answers = await java.of("properties", texts);
      for (const [index, text] of texts.entries()) {
        const read = valueOrNull(() =>
          sorted(new Map(parseJavaProperties(text).map(({ key, value }) => [key, value]))),
        );
        expect({ text, read }).toEqual({ text, read: answers[index] });
      }
    }),
    RUNS,
  );
});

const blanks = fc.constantFrom("", "", " ", "\t ", "\r", "\u00a0", "\ufeff");

test("a setting is trimmed as Kafka trims it", async () => {
  const spaced = fc.tuple(blanks, fc.constantFrom("", "pass word", "é"), blanks).map((parts) => parts.join(""));

  await fc.assert(
    fc.asyncProperty(batchOf(spaced), async (texts) => {
      const answers = await java.of("password", texts);
      const trimmed = texts.map((value) => judge("ssl.key.password", value).get("ssl.key.password"));
      expect(trimmed).toEqual(answers);
    }),
    RUNS,
  );
});

test("security.protocol is read in any case and with blanks around it", async () => {
  const texts = ["SASL_SSL", "sasl_ssl", " Ssl ", "plaintext\t", "SASL_PLAINTEXT ", "TLS", "SASL-SSL", "", "SSL\u00a0"];

  const answers = await java.of("protocol", texts);
  const read = texts.map((value) => valueOrNull(() => protocolOf(judge("security.protocol", value))));

  expect(read).toEqual(answers);
});

test("there is a rule for every setting of Kafka's consumer, and for no other", async () => {
  const [settings = null] = await java.of("consumerSettings", [""]);

  expect(Object.keys(KAFKA_SETTINGS).toSorted()).toEqual(settings?.map(([name]) => name));
});

test("a file with every default of Kafka's consumer is taken", async () => {
  const [settings = null] = await java.of("consumerSettings", [""]);
  const defaults = (settings ?? []).flatMap(([key, value], index) =>
    value === undefined ? [] : [{ key, value, line: index + 1 }],
  );

  const { params } = judgeParams(defaults, {});

  expect(defaults.length).toBeGreaterThan(70);
  expect(await connectionParamsOf(params, { readStore: readStoreFile, sign: signBySdk(() => undefined) })).toEqual({
    settingNames: expect.anything(),
    ssl: false,
    isolationLevel: "read_uncommitted",
    offsetReset: { kind: "latest" },
    requestTimeoutMs: 30_000,
    fetchMaxBytes: 1_048_576,
    fetchMinBytes: 1,
    fetchMaxWaitMs: 500,
  });
});

test("a setting of Kafka's producer or admin is known too", async () => {
  const [names = null] = await java.of("names", [""]);

  expect(names?.length).toBeGreaterThan(100);
  expect(names?.filter((name) => ruleOf(name) === undefined)).toEqual([]);
});

test("certificates are found in whatever form Kafka finds them", async () => {
  const pem = createSelfSigned("one").certificate.toString();
  const forms = [
    pem,
    pem.trimEnd(),
    pem.replaceAll("\n", " "),
    pem.replaceAll("\n", "\r\n"),
    pem.replaceAll("\n", "\n  "),
    `Subject: one\n${pem}`,
    pem + createSelfSigned("two").certificate.toString(),
    pem.replaceAll("\n", ""),
    pem.replace("-----END", "----END").replace("CERTIFICATE-----\n", "CERTIFICATE-- \n"),
    pem.slice(0, -20),
    pem.replace("MII", "MIJ"),
    "",
  ];

  const answers = await java.of("trustStore", forms);
  const counts = forms.map((text) => valueOrNull(() => readCertificates({ what: "it", text }).length));

  expect(counts).toEqual(answers);
});

function sorted(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
