import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import type { IamIdentity } from "../../../../shared/msk-iam/iam-identity.ts";
import { createSdkTokenMaker } from "../../../../shared/msk-iam/sdk-token.ts";
import { createTokenCredentials } from "../../../../shared/msk-iam/token-credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "iam-identity-"));
const profiles = join(folder, "credentials");
writeFileSync(profiles, "[reader]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n");
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", profiles);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Whose key has signed the token. */
async function signerOf(identity: IamIdentity): Promise<string | undefined> {
  const { oauthBearerProvider } = await createTokenCredentials(createSdkTokenMaker("eu-west-1", { identity }))();
  const { value } = await oauthBearerProvider();
  const url = new URL(Buffer.from(value, "base64url").toString());
  return url.searchParams.get("X-Amz-Credential")?.split("/")[0];
}

/** STS for one answer to AssumeRole; what it was asked, and by whom. */
async function startSts() {
  const asked: { body: URLSearchParams; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push({ body: new URLSearchParams(await text(request)), authorization: request.headers.authorization });
    response.setHeader("content-type", "text/xml");
    response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
      <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  vi.stubEnv("AWS_ENDPOINT_URL_STS", `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  return { asked, [Symbol.asyncDispose]: async () => void server.close() };
}

test("awsProfileName signs as that profile, not as the environment", async () => {
  expect(await signerOf({ kind: "profile", profile: "reader" })).toBe("AKIDPROFILE");
});

test("a profile that does not exist is an error, not the environment's credentials", async () => {
  const identity = { kind: "profile", profile: "nobody" } as const;

  await expect(signerOf(identity)).rejects.toThrow(ConfigurationError);
  await expect(signerOf(identity)).rejects.toThrow("nobody");
});

test("awsRoleArn signs as the role, which the environment assumes", async () => {
  await using sts = await startSts();
  const role = { kind: "role", roleArn: "arn:aws:iam::1:role/r", sessionName: "me", region: "eu-north-1" } as const;

  const signer = await signerOf({ ...role, externalId: "x-1" });

  expect(signer).toBe("AKIDROLE");
  expect(Object.fromEntries(sts.asked[0]?.body ?? [])).toMatchObject({
    Action: "AssumeRole",
    RoleArn: role.roleArn,
    RoleSessionName: "me",
    ExternalId: "x-1",
  });
  expect(sts.asked[0]?.authorization).toMatch(/Credential=AKIDENVIRONMENT\/\d{8}\/eu-north-1\/sts/);
});

test("the role's own keys assume it where they are given", async () => {
  await using sts = await startSts();
  const source = { accessKeyId: "AKIDSOURCE", secretAccessKey: "secret", sessionToken: "of-source" };

  await signerOf({ kind: "role", roleArn: "arn", sessionName: "me", region: "eu-north-1", source });

  expect(sts.asked[0]?.authorization).toContain("Credential=AKIDSOURCE/");
});
