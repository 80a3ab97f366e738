import { generateAuthTokenFromCredentialsProvider } from "aws-msk-iam-sasl-signer-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSignedTokenMaker } from "../../../../shared/msk-iam/signed-token.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const OWN = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const ROLE = { ...OWN, sessionToken: "a+session/token==" };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What the token asks for, without who made it. */
function asked(token: string) {
  const { origin, pathname, searchParams } = new URL(Buffer.from(token, "base64url").toString());
  searchParams.delete("User-Agent");
  return { origin, pathname, query: Object.fromEntries(searchParams) };
}

test.each([
  ["a user's own credentials", "eu-west-1", OWN],
  ["a role's credentials", "us-east-1", ROLE],
])("the token of %s is the one that AWS's own signer makes", async (_, region, credentials) => {
  const { token: expected } = await generateAuthTokenFromCredentialsProvider({
    region,
    awsCredentialsProvider: async () => credentials,
  });

  const token = await createSignedTokenMaker({ region, credentials: () => credentials }).makeToken();

  expect(asked(token)).toEqual(asked(expected));
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
});
