// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.
import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { parseReferences } from "../../../../../shared/wire/param-references/parse-references.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf";

test.each([
  ["no reference", "SASL_SSL", ["SASL_SSL"]],
  ["nothing", "", []],
  ["a whole secret", "${secretsmanager:orders}", [{ secret: "orders" }]],
  ["a field of one", "${secretsmanager:a/b:password}", [{ secret: "a/b", field: "password" }]],
  ["a field that is kept for a while", "${secretsmanager:a:password?ttl=60000}", [{ secret: "a", field: "password" }]],
  ["an ARN", `\${secretsmanager:${ARN}:p}`, [{ secret: ARN, field: "p", region: "eu-west-1" }]],
  ["an ARN without a field", `\${secretsmanager:${ARN}}`, [{ secret: ARN, region: "eu-west-1" }]],
  [
    "an ARN encoded, as Kafka's own parser wants it",
    `\${secretsmanager:${encodeURIComponent(ARN)}:p}`,
    [{ secret: ARN, field: "p", region: "eu-west-1" }],
  ],
  ["a parameter", "${ssm::/a/b}", [{ parameter: "/a/b" }]],
  ["a parameter without its empty path", "${ssm:/a/b}", [{ parameter: "/a/b" }]],
  ["an object", "${s3import:us-west-2:stores/a/b.jks}", [{ bucket: "stores", key: "a/b.jks", region: "us-west-2" }]],
  ["an address of S3", "s3://stores/a/b c.jks", [{ bucket: "stores", key: "a/b c.jks" }]],
  ["an address of S3 with blanks around it", " s3://stores/a.jks ", [{ bucket: "stores", key: "a.jks" }]],
  [
    "several within a text",
    'u="${ssm::u}" p="${ssm::p}";',
    ['u="', { parameter: "u" }, '" p="', { parameter: "p" }, '";'],
  ],
  [
    "a place that CDK fills in",
    "${secretsmanager:${Token[AWS.Arn.12]}:p}",
    [{ secret: "${Token[AWS.Arn.12]}", field: "p" }],
  ],
  ["a place that CDK fills in, and no reference", "${Token[TOKEN.7]}:9092", ["${Token[TOKEN.7]}:9092"]],
])("%s", (_, text, parts) => {
  expect(parseReferences(text)).toEqual(parts);
});

test.each([
  "${env:X}",
  "${file:/a:b}",
  "${X}",
  "${secretsmanager:}",
  "${ssm:}",
  "${s3import:eu-west-1:bucket}",
  "${secretsmanager:%}",
])("%s is refused with the forms that there are", (text) => {
  expect(() => parseReferences(text)).toThrow(ConfigurationError);
  expect(() => parseReferences(text)).toThrow("${secretsmanager:NAME:FIELD}");
});

test("a provider by another name, and in another region", () => {
  const providers = new Map([["aws", { kind: "secretsmanager", region: "us-west-2" }]] as const);

  expect(parseReferences("${aws:orders:p}", providers)).toEqual([
    { secret: "orders", field: "p", region: "us-west-2" },
  ]);
  expect(parseReferences(`\${aws:${ARN}}`, providers)).toEqual([{ secret: ARN, region: "eu-west-1" }]);
});
