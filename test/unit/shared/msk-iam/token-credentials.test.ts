import { afterEach, expect, test, vi } from "vitest";
import { createSdkTokenMaker } from "../../../../shared/msk-iam/sdk-token.ts";
import { createTokenCredentials } from "../../../../shared/msk-iam/token-credentials.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a token is a signed request to connect in the region, made anew for each renewal", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "session");
  const { mechanism, oauthBearerProvider } = await createTokenCredentials(createSdkTokenMaker("eu-west-1"))();

  const [first, second] = [await oauthBearerProvider(), await oauthBearerProvider()];
  const url = new URL(Buffer.from(first.value, "base64url").toString());

  expect(mechanism).toBe("oauthbearer");
  expect(url.host).toBe("kafka.eu-west-1.amazonaws.com");
  expect(url.searchParams.get("Action")).toBe("kafka-cluster:Connect");
  expect(url.searchParams.get("X-Amz-Credential")).toMatch(
    /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/,
  );
  expect(url.searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(second.value, "base64url").toString()).toContain("kafka-cluster");
});
