import type { AuthenticationProviderArgs, Logger } from "kafkajs";
import { expect, test } from "vitest";
import { oauthBearerMechanism } from "../../../../../shared/kafka/cluster/oauth-bearer.ts";

/** Authenticates with the token `t` at a broker that answers in turn by these bytes, or by an error. */
async function authenticate(...answers: (string | Error)[]) {
  const sent: string[] = [];
  const logger = { debug: () => undefined, error: () => undefined } as unknown as Logger; // kafkajs' other levels are not used.
  const saslAuthenticate: AuthenticationProviderArgs["saslAuthenticate"] = async ({ request, response }) => {
    const bytes = await request.encode();
    expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
    sent.push(String(bytes.subarray(4)));
    const answer = answers.shift() ?? "";
    if (answer instanceof Error) {
      throw answer;
    }
    const sized = Buffer.from(`\0\0\0${String.fromCharCode(answer.length)}${answer}`);
    return response?.parse(await response.decode(sized));
  };
  const { authenticationProvider } = oauthBearerMechanism({
    mechanism: "oauthbearer",
    oauthBearerProvider: async () => ({ value: "t" }),
  });
  const { authenticate: run } = authenticationProvider({ host: "b", port: 9098, logger, saslAuthenticate });
  const error = await run().catch((thrown: unknown) => thrown);
  return { sent, error };
}

const TOKEN = "n,,\x01auth=Bearer t\x01\x01";

test("a token that is taken is one exchange", async () => {
  expect(await authenticate("")).toEqual({ sent: [TOKEN], error: undefined });
});

test("a challenge is answered, and what the broker says then is why it refuses", async () => {
  const { sent, error } = await authenticate('{"status":"invalid_token"}', new Error("Access denied"));

  expect(sent).toEqual([TOKEN, "\x01"]);
  expect(error).toMatchObject({ name: "KafkaJSSASLAuthenticationError" });
  expect(String(error)).toContain("Access denied");
});

test("a challenge is a refusal also where the broker takes the answer to it", async () => {
  const { error } = await authenticate('{"status":"invalid_token"}', "");

  expect(error).toMatchObject({ name: "KafkaJSSASLAuthenticationError" });
  expect(String(error)).toContain('{"status":"invalid_token"}');
});
