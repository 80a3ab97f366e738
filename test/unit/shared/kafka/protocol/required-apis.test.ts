import { expect, test } from "vitest";
import { SASL_CALLS } from "../../../../../shared/kafka/cluster/sasl-session.ts";
import { requireApis } from "../../../../../shared/kafka/protocol/required-apis.ts";

const FETCH = 1;
const SASL_AUTHENTICATE = 36;

/** What a broker serves of the requests that are ours, with other last versions by API key. */
function versionsOf(others: Readonly<Record<number, number>> = {}) {
  const last = { 1: 17, 2: 10, 3: 13, 17: 1, 23: 4, 36: 2, ...others };
  return Object.fromEntries(
    Object.entries(last).map(([apiKey, maxVersion]) => [Number(apiKey), { minVersion: 0, maxVersion }]),
  );
}

test("a broker that serves every request is taken, with SASL and without", () => {
  expect(() => requireApis("b:9092", versionsOf(), [])).not.toThrow();
  expect(() => requireApis("b:9092", versionsOf(), SASL_CALLS)).not.toThrow();
});

test("one that is too old says by which request", () => {
  expect(() => requireApis("b:9092", versionsOf({ [FETCH]: 12 }), [])).toThrow(
    "b:9092 speaks Fetch from v0 to v12, not v13",
  );
});

test("SaslAuthenticate without a session's lifetime is one only where it is needed", () => {
  const versions = versionsOf({ [SASL_AUTHENTICATE]: 0 });

  expect(() => requireApis("b:9092", versions, [])).not.toThrow();
  expect(() => requireApis("b:9092", versions, SASL_CALLS)).toThrow("SaslAuthenticate from v0 to v0, not v1");
});
