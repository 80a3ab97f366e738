import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { bytes, json, string } from "../../../../../shared/schemas/plain/plain-deserializers.ts";
import { aPart } from "../../../../support/schemas/memory-registry.ts";

test("bytes are what was delivered, text is exact, and JSON is parsed", () => {
  const given = Buffer.from('\ufeff"hé"');

  expect(bytes().deserialize(given, aPart())).toBe(given);
  expect(string().deserialize(given, aPart())).toBe('\ufeff"hé"');
  expect(json().deserialize(Buffer.from('{"id":7}'), aPart())).toEqual({ id: 7 });
});

test("a check makes of JSON what the code is given", () => {
  const id = json({ check: (parsed) => (parsed as { readonly id: number }).id });

  expect(id.deserialize(Buffer.from('{"id":7}'), aPart())).toBe(7);
});

test("bytes that are no text, and text that is no JSON, are refused", () => {
  expect(() => string().deserialize(Buffer.from("ff", "hex"), aPart())).toThrow(UndecodableError);
  expect(() => json().deserialize(Buffer.from("ff", "hex"), aPart())).toThrow(UndecodableError);
  expect(() => json().deserialize(Buffer.from("{"), aPart())).toThrow(UndecodableError);
});
