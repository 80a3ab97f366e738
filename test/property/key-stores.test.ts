// Key stores that are damaged, or made to be: a typed error or what they hold, at once.

import { createHash, createPrivateKey } from "node:crypto";
import fc from "fast-check";
import jks from "jks-js";
import { expect, test } from "vitest";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { readIdentity, readTrusted, type StoreRequest } from "../../shared/key-stores/read-store.ts";
import { recorded, recordedStore, titlesOf } from "../support/key-stores/recorded-stores.ts";

const MARKER = "PLANTED-SECRET";

function requestOf(content: Buffer, password: string | undefined, keyPassword: string | undefined): StoreRequest {
  return {
    what: "the store",
    content,
    type: { name: "type", value: undefined },
    password: { name: "password", value: password },
    keyPassword: { name: "key password", value: keyPassword },
  };
}

const jksTitles = Object.keys(recorded.stores).filter((title) => recorded.stores[title]?.type === "JKS");
const pkcs12Titles = [...titlesOf("trusted"), ...titlesOf("key")].filter((title) => !jksTitles.includes(title));

const onlyCertificate = (pem: string) => pem.replaceAll(/\s/g, "");

test.each(jksTitles)("%s holds what jks-js finds in it", async (title) => {
  const { content, password = "", keyPassword } = recordedStore(title);
  const entries = Object.values(jks.parseJks(content, password));
  const theirs = jks.toPem(content, password, keyPassword);
  const request = requestOf(content, password, keyPassword);

  const trusted = (await readTrusted(request)).map((certificate) => onlyCertificate(String(certificate)));

  expect(entries.length).toBeGreaterThan(0);
  for (const { ca, cert, key } of Object.values(theirs)) {
    const first = /^-----BEGIN[\s\S]*?-----END CERTIFICATE-----/.exec(ca ?? cert ?? "")?.[0] ?? "";
    expect(trusted).toContain(onlyCertificate(first));
    if (key !== undefined && Object.keys(theirs).length === 1) {
      const ours = (await readIdentity(request)).key;
      expect(createPrivateKey(ours).equals(createPrivateKey(key))).toBe(true);
    }
  }
});

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly cutAt: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ at: fc.nat(4_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
  // Where lengths, counts and tags stand.
  fc.record({
    at: fc.nat(60),
    bytes: fc.constantFrom(Uint8Array.of(0xff, 0xff, 0xff, 0xff), Uint8Array.of(0x84), Uint8Array.of(0)),
  }),
  fc.record({ cutAt: fc.nat(4_000) }),
);

function damage(content: Buffer, changes: readonly Change[]): Buffer {
  let damaged: Buffer = Buffer.from(content);
  for (const one of changes) {
    if ("cutAt" in one) {
      damaged = damaged.subarray(0, 4 + (one.cutAt % damaged.length));
    } else {
      Buffer.from(one.bytes).copy(damaged, Math.min(damaged.length, 4 + (one.at % damaged.length)));
    }
  }
  return damaged;
}

/** As whoever knows the password would write it: the damage lies behind what the digest protects from. */
function redigest(content: Buffer, password: string): Buffer {
  const body = content.subarray(0, -20);
  const secret = Buffer.from(password, "utf16le").swap16();
  return Buffer.concat([body, createHash("sha1").update(secret).update("Mighty Aphrodite").update(body).digest()]);
}

async function expectTyped(request: StoreRequest): Promise<void> {
  for (const read of [readTrusted, readIdentity]) {
    const outcome = await read(request).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(ConfigurationError);
      expect(String(outcome)).not.toContain(MARKER);
    }
  }
}

const changes = fc.array(change, { minLength: 1, maxLength: 4 });

test("a JKS store that is damaged, with its digest made anew, is read or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...jksTitles), changes, fc.boolean(), async (title, damages, isWhole) => {
      const { content, keyPassword } = recordedStore(title);
      const damaged = damage(content, damages);
      await expectTyped(requestOf(isWhole ? redigest(damaged, MARKER) : damaged, MARKER, keyPassword));
      await expectTyped(requestOf(damaged, undefined, keyPassword));
    }),
    { numRuns: 1_000 },
  );
});

test("a PKCS #12 store that is damaged is read or refused", async () => {
  const unprotected = pkcs12Titles.filter((title) => /neither MAC|without a password/.test(title));
  const title = fc.oneof(fc.constantFrom(...pkcs12Titles), fc.constantFrom(...unprotected));

  await fc.assert(
    fc.asyncProperty(title, changes, async (one, damages) => {
      const { content, password } = recordedStore(one);
      await expectTyped(requestOf(damage(content, damages), password, undefined));
    }),
    { numRuns: 150 },
  );
});

test("bytes that only begin like a store are refused", async () => {
  const starts = ["feedfeed00000001", "feedfeed00000002", "30820400", "3080", "cececece", ""];

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
      const content = Buffer.concat([Buffer.from(start, "hex"), rest]);
      await expectTyped(requestOf(redigest(content, MARKER), MARKER, undefined));
      await expectTyped(requestOf(content, undefined, undefined));
    }),
    { numRuns: 1_000 },
  );
});
