import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSigner, encode, presignAddress, type UnsignedRequest } from "../../../../shared/aws/sign-request.ts";

const scope = { region: "us-east-1", service: "service" };
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const NOW = new Date("2015-08-30T12:36:00Z");

/** Of AWS's own test suite for the signature: the requests by name, and how they end. */
const vectors: Readonly<Record<string, readonly [Partial<UnsignedRequest> & { readonly path?: string }, string]>> = {
  "get-vanilla": [{}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  "post-vanilla": [{ method: "POST" }, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  "get-vanilla-query-order-key-case": [
    { path: "/?Param2=value2&Param1=value1" },
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  "post-x-www-form-urlencoded": [
    { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "Param1=value1" },
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
};

describe("createSigner", () => {
  test.each(Object.entries(vectors))("signs AWS's %s", (_, [{ path = "/", ...request }, signature]) => {
    const url = new URL(path, "https://example.amazonaws.com");

    const signed = createSigner(scope)({ method: "GET", headers: {}, body: "", ...request, url }, credentials, NOW);

    expect(signed["authorization"]).toMatch(new RegExp(`Signature=${signature}$`));
  });

  test("signs whatever is sent as the AWS SDK does", async () => {
    const part = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
    const request = fc.record({
      name: part.filter((text) => text !== "." && text !== ".."),
      body: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      target: fc.stringMatching(/^[a-zA-Z0-9 ._]{1,20}$/),
      sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,30}$/), { nil: undefined }),
      time: fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
    });
    const sign = createSigner({ region: "eu-central-1", service: "dynamodb" });
    await fc.assert(
      fc.asyncProperty(request, async ({ name, body, target, sessionToken, time }) => {
        const url = new URL(`https://dynamodb.eu-central-1.amazonaws.com/functions/${encodeURIComponent(name)}`);
        const who = { ...credentials, ...(sessionToken === undefined ? {} : { sessionToken }) };
        const headers = { "content-type": "application/json", "x-amz-target": target };

        const own = sign({ method: "POST", url, headers, body }, who, time);
        const sdk = await sdkSigner("dynamodb", who).sign(
          {
            method: "POST",
            protocol: "https:",
            hostname: url.host,
            path: url.pathname,
            headers: { ...headers, host: url.host },
            body,
          },
          { signingDate: time },
        );

        expect(own["authorization"]).toBe(sdk.headers["authorization"]);
      }),
    );
  });

  test("SG3: signs S3's paths and digests as the AWS SDK does", async () => {
    const request = fc.record({
      name: fc.stringMatching(/^[a-zA-Z0-9 !'()*=é%&+-]{1,20}$/),
      body: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      method: fc.constantFrom("GET", "PUT", "DELETE"),
    });
    const sign = createSigner({ region: "eu-central-1", service: "s3" });
    await fc.assert(
      fc.asyncProperty(request, async ({ name, body, method }) => {
        const url = new URL(`https://letters.s3.eu-central-1.amazonaws.com/${encode(name)}/1.json`);

        const own = sign({ method, url, headers: { "if-match": '"0a"' }, body }, credentials, NOW);

        const headers = { "if-match": '"0a"', host: url.host };
        const sent = { method, protocol: "https:", hostname: url.host, path: url.pathname, headers, body };
        const sdk = await sdkSigner("s3", credentials, { uriEscapePath: false }).sign(sent, { signingDate: NOW });
        expect(own["authorization"]).toBe(sdk.headers["authorization"]);
        expect(own["x-amz-content-sha256"]).toBe(sdk.headers["x-amz-content-sha256"]);
      }),
    );
  });

  test("SG1: another secret, and another day, are signed with keys of their own", () => {
    const sign = createSigner(scope);
    const request = { method: "GET", url: new URL("https://example.amazonaws.com"), headers: {}, body: "" };
    const other = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "another" };
    const later = new Date("2015-08-31T12:36:00Z");

    const mixed = [credentials, other, credentials].flatMap((who) => [
      sign(request, who, NOW),
      sign(request, who, later),
    ]);

    const alone = [credentials, other, credentials].flatMap((who) => [
      createSigner(scope)(request, who, NOW),
      createSigner(scope)(request, who, later),
    ]);
    expect(mixed).toEqual(alone);
  });

  test("SG2: what a tracer may change is sent, and not signed", () => {
    const request = {
      method: "POST",
      url: new URL("https://example.amazonaws.com"),
      headers: { "x-amzn-trace-id": "Root=1" },
      body: "",
    };

    const signed = createSigner(scope)(request, credentials, NOW);

    expect(signed).toMatchObject({ "x-amzn-trace-id": "Root=1" });
    expect(signed["authorization"]).toContain("SignedHeaders=host;x-amz-date,");
  });
});

test("presignAddress signs an address as the AWS SDK does", async () => {
  const url = new URL("https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect");
  const who = { ...credentials, sessionToken: "a+b/c=" };

  const own = presignAddress(url, who, { region: "eu-central-1", service: "kafka-cluster", now: NOW, seconds: 900 });

  const sdk = await sdkSigner("kafka-cluster", who).presign(
    {
      method: "GET",
      protocol: "https:",
      hostname: url.host,
      path: "/",
      headers: { host: url.host },
      query: { Action: "kafka-cluster:Connect" },
    },
    { signingDate: NOW, expiresIn: 900 },
  );
  expect(Object.fromEntries(own.searchParams)).toEqual(sdk.query);
});

function sdkSigner(service: string, who: typeof credentials, options: { readonly uriEscapePath?: boolean } = {}) {
  const applyChecksum = service === "s3";
  return new SignatureV4({
    region: "eu-central-1",
    service,
    credentials: who,
    sha256: Sha256,
    applyChecksum,
    ...options,
  });
}

/** As the SDK asks for it. */
class Sha256 {
  readonly #hash;
  constructor(key?: unknown) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as string | Buffer);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}
