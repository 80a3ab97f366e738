import fc from "fast-check";
import { expect, test } from "vitest";
import { itemBytes } from "../../shared/dynamodb/items/attributes/item-size.ts";
import { decodeRange, encodeRange, OPTIONAL_RANGE_ATTRIBUTES } from "../../shared/dynamodb/items/item-codec.ts";
import { arbitraryRange } from "../support/builders/arbitrary-range.ts";
import { aRangeRecord } from "../support/builders/builders.ts";

test("a record comes back from its item as it was, but for the end of long texts", () => {
  fc.assert(
    fc.property(arbitraryRange, (one) => {
      const { error, operator, ...rest } = one;
      const { error: kept, operator: act, ...decoded } = decodeRange(encodeRange(one));

      expect(decoded).toEqual(rest);
      // Names and offsets at their longest leave no room for notes.
      fc.pre(itemBytes(encodeRange(rest)) <= 900);
      expect(act?.at).toBe(operator?.at);
      expect(operator?.by.toWellFormed().startsWith(act?.by ?? "")).toBe(operator === undefined ? undefined : true);
      expect(operator?.reason.toWellFormed().startsWith(act?.reason ?? "")).toBe(
        operator === undefined ? undefined : true,
      );
      expect(kept === undefined).toBe(error === undefined);
      expect([kept?.loss, kept?.inHand]).toEqual([error?.loss, error?.inHand]);
      expect(error?.name.toWellFormed().startsWith(kept?.name ?? "")).toBe(error === undefined ? undefined : true);
      expect(error?.message.toWellFormed().startsWith(kept?.message ?? "")).toBe(
        error === undefined ? undefined : true,
      );
    }),
  );
});

test("IC3: every record fits one write unit, and the notes of one with words of outputs do by themselves", () => {
  fc.assert(
    fc.property(arbitraryRange, (one) => {
      const { error: _error, operator: _operator, ...silent } = one;
      const isOfOutputs = [one.receipts, one.prepared, one.rejectedOffsets].some((note) => note !== undefined);
      const others = isOfOutputs ? itemBytes(encodeRange(silent)) : 0;

      expect(itemBytes(encodeRange(one)) - others).toBeLessThanOrEqual(1_024);
    }),
  );
});

test("IC5: what not every record has is named as optional, so that a change can remove it", () => {
  const { dispatchedAt: _optional, ...minimal } = aRangeRecord();
  const always = Object.keys(encodeRange(minimal));
  const known = new Set([...always, ...OPTIONAL_RANGE_ATTRIBUTES]);

  fc.assert(
    fc.property(arbitraryRange, (one) => {
      const names = Object.keys(encodeRange(one));

      expect(names.filter((attribute) => !known.has(attribute))).toEqual([]);
      expect(always.filter((attribute) => !names.includes(attribute))).toEqual([]);
    }),
  );
  expect(OPTIONAL_RANGE_ATTRIBUTES.filter((attribute) => always.includes(attribute))).toEqual([]);
});
