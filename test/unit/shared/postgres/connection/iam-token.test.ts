import { Signer } from "@aws-sdk/rds-signer";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signIamToken } from "../../../../../shared/postgres/connection/iam-token.ts";

const NOW = new Date("2026-11-28T20:00:00Z");
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["orders", undefined],
  ["orders app+1@example", "a/session+token=="],
])("a token is what the AWS SDK makes: user %j, session %j", async (user, sessionToken) => {
  const place = { host: "db.abc.eu-west-1.rds.amazonaws.com", port: 5432, region: "eu-west-1" };
  const credentials = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "secret",
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  const { host: hostname, port, region } = place;

  const theirs = await new Signer({ hostname, port, region, username: user, credentials }).getAuthToken();
  const ours = signIamToken({ ...place, user, credentials, now: NOW });

  const [address, query] = ours.split("?");
  expect(address).toBe(`${hostname}:5432/`);
  expect(query?.split("&").sort()).toEqual(theirs.split("?")[1]?.split("&").sort());
});
