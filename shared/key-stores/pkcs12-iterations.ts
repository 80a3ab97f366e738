// PKCS #12 iterations
//
// How often a store asks for its password to be hashed, before anybody does: a damaged or a
// hostile one may ask for years. The number stands behind a salt in the parameters of every
// algorithm of PKCS #5 and PKCS #12; what is still encrypted is not looked into, since
// whoever wrote it knew the password.

import type asn1Module from "node-forge/lib/asn1.js";
import type { Asn1 } from "node-forge/lib/asn1.js";
import { MAX_STORE_DEPTH } from "./limits.ts";

type Asn1Functions = typeof asn1Module;

/** Throws an error of the library's for what is no ASN.1. */
export function maxIterationsOf(asn1: Asn1Functions, value: Asn1, depth = 0): number {
  if (depth > MAX_STORE_DEPTH) {
    throw new RangeError("nested too deep");
  }
  if (typeof value.value === "string") {
    const inner = isUniversal(asn1, value, "OCTETSTRING") ? parse(asn1, value.value) : undefined;
    return inner === undefined ? 0 : maxIterationsOf(asn1, inner, depth + 1);
  }
  let max = 0;
  let before: Asn1 | undefined;
  for (const one of value.value) {
    const isCount =
      before !== undefined && isUniversal(asn1, before, "OCTETSTRING") && isUniversal(asn1, one, "INTEGER");
    max = Math.max(max, isCount ? numberOf(one) : maxIterationsOf(asn1, one, depth + 1));
    before = one;
  }
  return max;
}

function isUniversal({ Class, Type }: Asn1Functions, one: Asn1, type: "INTEGER" | "OCTETSTRING"): boolean {
  return one.tagClass === Class.UNIVERSAL && one.type === Type[type];
}

function numberOf({ value }: Asn1): number {
  return typeof value === "string"
    ? Number(`0x0${Buffer.from(value, "latin1").toString("hex")}`)
    : Number.POSITIVE_INFINITY;
}

/** Undefined where the octets are no ASN.1, such as a salt or what is encrypted. */
function parse(asn1: Asn1Functions, octets: string): Asn1 | undefined {
  try {
    return asn1.fromDer(octets, { strict: false });
  } catch {
    return undefined;
  }
}
