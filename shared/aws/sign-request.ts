// Sign request
//
// AWS Signature Version 4, in the headers of a request, or in the query of an address:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//
//   SG1  The signing key of a day, region and service is derived once.
//   SG2  What a proxy or a tracer may change on the way is sent unsigned.
//   SG3  S3 is given the digest of the body, and its paths are signed as they are sent.

import { createHmac, hash } from "node:crypto";
import type { HttpBody } from "./http-exchange.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; `host` is the URL's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes go unsigned, which S3 alone takes: their checksum is a header, which is signed. */
  readonly body: HttpBody;
}

export interface SigningScope {
  readonly region: string;
  /** As the service signs: `dynamodb`. */
  readonly service: string;
}

/** The headers to send, those of the request among them. */
export type Sign = (
  request: UnsignedRequest,
  credentials: AwsCredentials,
  now: Date,
) => Readonly<Record<string, string>>;

const unsigned: ReadonlySet<string> = new Set(["user-agent", "x-amzn-trace-id"]);

export function createSigner({ region, service }: SigningScope): Sign {
  let known: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined;
  const keyOf = (secret: string, day: string) => {
    if (known?.day !== day || known.secret !== secret) {
      known = { secret, day, key: deriveKey(secret, [day, region, service]) };
    }
    return known.key;
  };
  return ({ method, url, headers, body }, { accessKeyId, secretAccessKey, sessionToken }, now) => {
    const { time, day } = signingTime(now);
    const sent: Record<string, string> = { ...headers, host: url.host, "x-amz-date": time };
    const bodyDigest = typeof body === "string" ? digest(body) : "UNSIGNED-PAYLOAD";
    if (service === "s3") {
      sent["x-amz-content-sha256"] = bodyDigest;
    }
    if (sessionToken !== undefined) {
      sent["x-amz-security-token"] = sessionToken;
    }
    const path = service === "s3" ? url.pathname : canonicalPath(url);
    const names = Object.keys(sent)
      .filter((name) => !unsigned.has(name))
      .sort();
    const signedHeaders = names.join(";");
    const lines = names.map((name) => `${name}:${sent[name]?.trim().replace(/ +/g, " ")}\n`).join("");
    const canonical = [method, path, canonicalQuery(url), lines, signedHeaders, bodyDigest].join("\n");
    const scope = scopeOf(day, { region, service });
    const signature = signText(keyOf(secretAccessKey, day), { time, scope, canonical });
    sent["authorization"] =
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    return sent;
  };
}

/** The address with a signature in its query that whoever has it may ask by, for so many seconds. */
export function presignAddress(
  url: URL,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service, now, seconds }: SigningScope & { readonly now: Date; readonly seconds: number },
): URL {
  const { time, day } = signingTime(now);
  const scope = scopeOf(day, { region, service });
  const signed = new URL(url);
  const query = signed.searchParams;
  query.set("X-Amz-Algorithm", ALGORITHM);
  query.set("X-Amz-Credential", `${accessKeyId}/${scope}`);
  query.set("X-Amz-Date", time);
  query.set("X-Amz-Expires", seconds.toString());
  if (sessionToken !== undefined) {
    query.set("X-Amz-Security-Token", sessionToken);
  }
  query.set("X-Amz-SignedHeaders", "host");
  const lines = `host:${signed.host}\n`;
  const canonical = ["GET", canonicalPath(signed), canonicalQuery(signed), lines, "host", digest("")].join("\n");
  query.set(
    "X-Amz-Signature",
    signText(deriveKey(secretAccessKey, [day, region, service]), { time, scope, canonical }),
  );
  return signed;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

function signingTime(now: Date): { readonly time: string; readonly day: string } {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  return { time, day: time.slice(0, 8) };
}

function scopeOf(day: string, { region, service }: SigningScope): string {
  return `${day}/${region}/${service}/aws4_request`;
}

function digest(text: string): string {
  return hash("sha256", text, "hex");
}

function signText(
  key: Buffer,
  { time, scope, canonical }: { readonly time: string; readonly scope: string; readonly canonical: string },
): string {
  return createHmac("sha256", key)
    .update(`${ALGORITHM}\n${time}\n${scope}\n${digest(canonical)}`)
    .digest("hex");
}

function deriveKey(secret: string, [day, region, service]: readonly [string, string, string]): Buffer {
  return [day, region, service, "aws4_request"].reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}

/** Encoded once more than it is sent, as every service but S3 has it. */
function canonicalPath({ pathname }: URL): string {
  return pathname.split("/").map(encode).join("/");
}

function canonicalQuery({ searchParams }: URL): string {
  return [...searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join("="))
    .join("&");
}

/** By code points, whatever the machine's language is. */
function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** RFC 3986: what encodeURIComponent leaves as it is, and should not. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
