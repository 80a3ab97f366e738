import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Mechanism, SASLOptions } from "kafkajs";
import { expect, test, vi } from "vitest";
import { SaslSession } from "../../../../../shared/kafka/cluster/sasl-session.ts";
import { saslAuthenticateV1 } from "../../../../../shared/kafka/protocol/session/sasl-authenticate-v1.ts";
import { saslHandshakeV1 } from "../../../../../shared/kafka/protocol/session/sasl-handshake-v1.ts";
import type { SessionCall } from "../../../../../shared/kafka/protocol/session/session-call.ts";
import { AnsweredError } from "../../../../../shared/kafka/refusals/connection-errors.ts";

interface Script {
  readonly handshakeCode?: number;
  readonly authenticate?: (bytes: Buffer) => Buffer;
}

const GRANTED = answer({ lifetimeMs: 1_000n });

/** A session, and what it sent: requests are written and answers are read as on a connection. */
function aSession(sasl: SASLOptions | Mechanism, { handshakeCode = 0, authenticate = () => GRANTED }: Script = {}) {
  const sent: string[] = [];
  const ask = async <Request, Response>(call: SessionCall<Request, Response>, request: Request): Promise<Response> => {
    const bytes = call.encode(request);
    sent.push(`${call.name} ${bytes.subarray(call.name === saslHandshakeV1.name ? 2 : 4).toString("latin1")}`);
    return call.decode(call.name === saslAuthenticateV1.name ? authenticate(bytes) : Buffer.from([0, handshakeCode]));
  };
  return { session: new SaslSession({ address: { host: "b", port: 9_092 }, sasl, ask }), sent };
}

function answer({ code = 0, message = "", bytes = "", lifetimeMs = 0n }): Buffer {
  const lengths = Buffer.alloc(4);
  lengths.writeInt16BE(code);
  lengths.writeInt16BE(message.length, 2);
  const rest = Buffer.alloc(4 + bytes.length + 8);
  rest.writeInt32BE(bytes.length);
  rest.write(bytes, 4);
  rest.writeBigInt64BE(lifetimeMs, 4 + bytes.length);
  return Buffer.concat([lengths, Buffer.from(message), rest]);
}

const alice = { username: "alice", password: "secret" };

test("the mechanisms are those of kafkajs 2.2.4, read again when it changes", () => {
  const manifest = createRequire(import.meta.url).resolve("kafkajs/package.json");

  expect(JSON.parse(readFileSync(manifest, "utf8"))).toMatchObject({ version: "2.2.4" });
});

test("PLAIN is one handshake and one message", async () => {
  const { session, sent } = aSession({ mechanism: "plain", ...alice });

  await session.authenticate();

  expect(sent).toEqual(["SaslHandshake PLAIN", "SaslAuthenticate \0alice\0secret"]);
});

test.each<[string, SASLOptions]>([
  ["SCRAM-SHA-256", { mechanism: "scram-sha-256", ...alice }],
  ["SCRAM-SHA-512", { mechanism: "scram-sha-512", ...alice }],
])("%s reads what the broker answers to its first message", async (name, sasl) => {
  const { session, sent } = aSession(sasl, { authenticate: () => answer({ bytes: "r=another,s=c2FsdA==,i=4096" }) });

  await expect(session.authenticate()).rejects.toThrow("nonce");

  expect(sent).toEqual([`SaslHandshake ${name}`, expect.stringMatching(/^SaslAuthenticate n,,n=alice,r=/)]);
});

test.each([
  [4_096, 3, "SCRAM SHA256 authentication failed: Invalid server signature"],
  [1_000_001, 2, "the broker wants 1000001 iterations, more than 1000000"],
])("of %i iterations of SCRAM a broker gets %i messages", async (iterations, messages, reason) => {
  const { session, sent } = aSession(
    { mechanism: "scram-sha-256", ...alice },
    {
      authenticate: (bytes) => {
        const [, nonce] = /^n,,n=alice,r=(.*)$/.exec(bytes.subarray(4).toString()) ?? [];
        return answer({ bytes: nonce === undefined ? "v=c29tZWJvZHk=" : `r=${nonce}9,s=c2FsdA==,i=${iterations}` });
      },
    },
  );

  await expect(session.authenticate()).rejects.toThrow(reason);

  expect(sent).toHaveLength(messages);
});

test("AWS and a mechanism of one's own are carried out", async () => {
  const aws = { authorizationIdentity: "id", accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" };
  const own: Mechanism = {
    mechanism: "own",
    authenticationProvider: ({ host, port, saslAuthenticate }) => ({
      authenticate: async () => {
        await saslAuthenticate({ request: { encode: () => Buffer.from(`1234${host}:${port}`) } });
      },
    }),
  };
  const sessions = [aSession({ mechanism: "aws", ...aws }), aSession(own)];

  await Promise.all(sessions.map(({ session }) => session.authenticate()));

  expect(sessions.flatMap(({ sent }) => sent)).toEqual([
    "SaslHandshake AWS",
    "SaslAuthenticate id\0key\0secret\0token",
    "SaslHandshake OWN",
    "SaslAuthenticate b:9092",
  ]);
});

test.each([33, 34])("code %i to the handshake is thrown as it is", async (handshakeCode) => {
  const { session, sent } = aSession({ mechanism: "plain", ...alice }, { handshakeCode });

  const error = await session.authenticate().catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(AnsweredError);
  expect(error).toMatchObject({ code: handshakeCode });
  expect(sent).toHaveLength(1);
});

test.each([
  ["its own words", "no such user", "no such user"],
  ["the code's name where it has none", "", "SASL_AUTHENTICATION_FAILED"],
])("a refusal is told by %s", async (_, message, told) => {
  const { session } = aSession({ mechanism: "plain", ...alice }, { authenticate: () => answer({ code: 58, message }) });

  await expect(session.authenticate()).rejects.toMatchObject({
    name: "KafkaJSSASLAuthenticationError",
    message: `SASL PLAIN authentication failed: ${told}`,
  });
});

test("a refusal in the form of another version, which ends behind its words, is told as well", async () => {
  const refusal = answer({ code: 35, message: "no v1" }).subarray(0, 2 + 2 + "no v1".length);
  const { session } = aSession({ mechanism: "plain", ...alice }, { authenticate: () => refusal });

  await expect(session.authenticate()).rejects.toThrow("SASL PLAIN authentication failed: no v1");
});

test("a mechanism that there is not is refused by the setting's name, before a broker is asked for it", async () => {
  const { session, sent } = aSession({ mechanism: "kerberos", ...alice } as unknown as SASLOptions); // As code without types may.

  await expect(session.authenticate()).rejects.toThrow('sasl.mechanism "kerberos" is none of plain');
  expect(sent).toEqual([]);
});

test("a mechanism may be named in capitals, as Kafka names it, and what it was given stays as it was", async () => {
  const given = { mechanism: "AWS", authorizationIdentity: "id", accessKeyId: "key", secretAccessKey: "secret" };
  const { session, sent } = aSession(Object.freeze(given) as unknown as SASLOptions); // As code without types may.

  await session.authenticate();

  expect(sent).toEqual(["SaslHandshake AWS", "SaslAuthenticate id\0key\0secret\0"]);
  expect(given).not.toHaveProperty("sessionToken");
});

test("is renewed at four fifths of its lifetime, once for all who ask meanwhile, and never where it has none", async () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const limited = aSession({ mechanism: "plain", ...alice });
    const endless = aSession({ mechanism: "plain", ...alice }, { authenticate: () => answer({}) });
    await Promise.all([limited.session.authenticate(), endless.session.authenticate()]);

    vi.setSystemTime(1_799);
    expect(limited.session.isOver).toBe(false);
    vi.setSystemTime(1_800);
    expect([limited.session.isOver, endless.session.isOver]).toEqual([true, false]);
    await Promise.all([limited.session.authenticate(), limited.session.authenticate()]);

    expect(limited.session.isOver).toBe(false);
    expect(limited.sent).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});
