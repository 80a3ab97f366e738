import { randomUUID } from "node:crypto";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { expect, inject, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import { createSecretCredentials } from "../../../shared/remote-values/secret-credentials.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";

const access = localAccess(inject("aws.endpoint"));

async function createSecret(SecretString: string) {
  const client = new SecretsManagerClient(sdkAccess(access));
  const name = `AmazonMSK_${randomUUID()}`;
  await client.send(new CreateSecretCommand({ Name: name, SecretString }));
  const put = (text: string) => client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
  return { credentials: createSecretCredentials(access, name), put };
}

test("a secret is read once, and again when the broker refused what it said", async () => {
  const { credentials, put } = await createSecret('{"username":"alice","password":"one"}');

  expect(await credentials({ wereRefused: false })).toEqual({ username: "alice", password: "one" });
  await put('{"username":"alice","password":"two"}');

  expect(await credentials({ wereRefused: false })).toMatchObject({ password: "one" });
  expect(await credentials({ wereRefused: true })).toMatchObject({ password: "two" });
  expect(await credentials({ wereRefused: false })).toMatchObject({ password: "two" });
});

test.each(["wonderland", '{"username":"alice"}', '{"username":"alice","password":7}', "null"])(
  "a secret of another form is for somebody to change, and is not quoted: %s",
  async (text) => {
    const { credentials, put } = await createSecret(text);

    const error = await credentials({ wereRefused: false }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain('expected {"username"');
    expect(String(error)).not.toContain("wonderland");
    await put('{"username":"alice","password":"one"}');
    expect(await credentials({ wereRefused: false })).toMatchObject({ password: "one" });
  },
);

test("a secret that does not exist is for somebody to change; one that nobody answers for is tried again", async () => {
  const missing = createSecretCredentials(access, "no-such-secret");
  const unanswered = createSecretCredentials(localAccess("http://127.0.0.1:1"), "any");

  await expect(missing({ wereRefused: false })).rejects.toThrow(ConfigurationError);
  await expect(unanswered({ wereRefused: false })).rejects.toThrow(RangeReadError);
});
