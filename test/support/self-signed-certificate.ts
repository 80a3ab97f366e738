import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";

export interface SelfSigned {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

const ECDSA_WITH_SHA256 = sequence(Buffer.from("06082a8648ce3d040302", "hex"));

/** A certificate of a fresh key, in as few fields of X.509 as it takes; the organization stands in front of the name. */
export function createSelfSigned(commonName: string, organization?: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const part = (oid: string, text: string) => set(sequence(Buffer.from(oid, "hex"), der(0x0c, Buffer.from(text))));
  const above = organization === undefined ? [] : [part("060355040a", organization)];
  const name = sequence(...above, part("0603550403", commonName));
  const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const contents = sequence(
    der(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", contents, privateKey)]));
  return { certificate: new X509Certificate(sequence(contents, ECDSA_WITH_SHA256, signature)), privateKey };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
