import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import { createClientCredentials, type OidcOptions } from "../../../../shared/oidc/client-credentials.ts";
import { startTokenIssuer, type TokenIssuer } from "../../../support/oidc/token-issuer.ts";

const client = { id: "reader", secret: "PLANTED secret/ü" };
const asked = { wereRefused: false };

let issuer: TokenIssuer;
/** Nobody listens there any more. */
let gone: string;

beforeAll(async () => {
  const other = await startTokenIssuer(client);
  gone = other.tokenUrl;
  await other.close();
  issuer = await startTokenIssuer(client);
});
afterAll(() => issuer.close());
beforeEach(() => {
  Object.assign(issuer, { answer: undefined, claims: {}, lifetimeSeconds: 3_600 });
});

const options = (more: Partial<OidcOptions> = {}): OidcOptions => ({
  endpoint: new URL(issuer.tokenUrl),
  clientId: client.id,
  clientSecret: client.secret,
  encodesCredentials: false,
  names: { endpoint: "url.setting", credentials: "id.setting and secret.setting" },
  ...more,
});

function tokens(more: Partial<OidcOptions> = {}, now?: () => number) {
  const before = issuer.seen.length;
  const source = createClientCredentials(options(more), now);
  const take = async (question = asked) => (await (await source(question)).oauthBearerProvider()).value;
  return { source, take, requests: () => issuer.seen.slice(before) };
}

test("the client's id and secret go in the header, and the scope in the form, as Kafka's client sends them", async () => {
  const { take, requests } = tokens({ scope: "orders read" });

  const token = await take();

  expect(token.split(".")).toHaveLength(3);
  expect(requests()).toEqual([
    {
      authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`,
      form: { grant_type: "client_credentials", scope: "orders read" },
    },
  ]);
});

test("they are encoded where that is asked for", async () => {
  issuer.answer = { status: 200, body: JSON.stringify({ access_token: "opaque", expires_in: 60 }) };
  const { take, requests } = tokens({ encodesCredentials: true });

  expect(await take()).toBe("opaque");
  expect(requests()[0]?.authorization).toBe(
    `Basic ${Buffer.from("reader:PLANTED+secret%2F%C3%BC").toString("base64")}`,
  );
});

test("one token serves many connections, also at once, until three quarters of its life are over", async () => {
  let now = Date.now();
  const { source, take, requests } = tokens({}, () => now);

  const both = await Promise.all([take(), take()]);
  const connection = await source(asked);
  expect(new Set([...both, (await connection.oauthBearerProvider()).value]).size).toBe(1);
  expect(requests()).toHaveLength(1);

  now += 3_600_000 * 0.76;
  // The renewal of that connection's session.
  expect((await connection.oauthBearerProvider()).value).not.toBe(both[0]);
  expect(requests()).toHaveLength(2);
});

test("one that was refused, or that does not say how long it lasts, is not used again", async () => {
  const { take, requests } = tokens();
  await take();
  await take({ wereRefused: true });
  expect(requests()).toHaveLength(2);

  issuer.answer = { status: 200, body: '{"access_token":"opaque"}' };
  await take({ wereRefused: true });
  await take();
  expect(requests().length).toBeGreaterThan(3);
});

test("extensions go with the token", async () => {
  const { source } = tokens({ extensions: { logicalCluster: "lkc-1" } });

  expect(await (await source(asked)).oauthBearerProvider()).toMatchObject({ extensions: { logicalCluster: "lkc-1" } });
});

test.each([
  [
    "an unknown client",
    { status: 401, body: '{"error":"invalid_client"}' },
    "it answered 401 invalid_client; check id.setting and secret.setting",
  ],
  ["a scope that it may not have", { status: 400, body: '{"error":"invalid_scope"}' }, "400 invalid_scope"],
  [
    "an error that says more than its code",
    { status: 403, body: '{"error":"PLANTED secret"}' },
    "it answered 403; check",
  ],
  ["another page", { status: 404, body: "<html>PLANTED" }, "it answered 404; is it the token endpoint?"],
  [
    "a redirect",
    { status: 302, body: "", location: "http://127.0.0.1:1/" },
    "it answered 302; is it the token endpoint?",
  ],
  ["an answer without a token", { status: 200, body: '{"token_type":"PLANTED"}' }, "answered without an access_token"],
  ["no JSON", { status: 200, body: "PLANTED" }, "answered without an access_token"],
])("TQ1: %s is for somebody to change", async (_, answer, problem) => {
  issuer.answer = answer;

  const refused = tokens().take();

  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(problem);
  await expect(refused).rejects.toThrow(`url.setting "${issuer.tokenUrl}"`);
  await expect(refused).rejects.not.toThrow("PLANTED");
});

test.each([
  ["an endpoint that is overloaded", () => ({ answer: { status: 503, body: "PLANTED" } }), "it answered 503"],
  ["too many requests", () => ({ answer: { status: 429, body: "" } }), "it answered 429"],
  ["a flood", () => ({ answer: { status: 200, body: "x".repeat(300_000) } }), "its answer is longer than 262144 bytes"],
  ["nobody", () => ({ endpoint: new URL(gone) }), "ECONNREFUSED"],
])("TQ1: %s may do better another time", async (_, make, problem) => {
  const { answer, ...more } = { answer: undefined, ...make() };
  issuer.answer = answer;

  const failed = tokens(more).take();

  await expect(failed).rejects.toThrow(RangeReadError);
  await expect(failed).rejects.toThrow(problem);
  await expect(failed).rejects.not.toThrow("PLANTED");
});
