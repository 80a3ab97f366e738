import { expect, test } from "vitest";
import { certificatePrincipal } from "../../../../../shared/kafka/connection/certificate-principal.ts";
import { pemOf } from "../../../../support/key-stores/recorded-stores.ts";
import { createSelfSigned } from "../../../../support/self-signed-certificate.ts";

test.each([
  ["a certificate", pemOf(["client"])],
  ["a chain, whose first one it is", pemOf(["client", "intermediate"])],
  ["one in bytes, among several", [Buffer.from(pemOf(["client"])), pemOf(["root"])]],
])("%s is of its subject", (_, pem) => {
  expect(certificatePrincipal(pem)).toBe("User:CN=client");
});

test("what Java writes in front is the name, and what it escapes is escaped", () => {
  const { certificate } = createSelfSigned("orders, eu", "Example + Co");

  expect(certificatePrincipal(certificate.toString())).toBe("User:CN=orders\\, eu,O=Example \\+ Co");
});

test.each([
  ["no certificate", "PLANTED"],
  ["nothing", undefined],
])("%s is nobody's", (_, pem) => {
  expect(certificatePrincipal(pem)).toBeUndefined();
});
