import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRange, encodeRange } from "../../shared/dynamodb/items/item-codec.ts";
import { decodeRangeMessage, encodeRangeMessage } from "../../shared/wire/events/range-message.ts";
import { FROZEN_RELEASES } from "../releases/frozen-releases.ts";
import { arbitraryRange } from "../support/builders/arbitrary-range.ts";

describe.each(FROZEN_RELEASES)("release $version", async ({ load }) => {
  const release = await load();

  test("IC5, IC6: reads every item that this code writes but for what it must not pass over, and this code every one of its", () => {
    fc.assert(
      fc.property(arbitraryRange, (record) => {
        const written = encodeRange(record);

        if (record.prepared === undefined) {
          // Of the same item: what the older code does not know is passed over.
          expect(decodeRange(written)).toMatchObject(release.decodeRange(written));
        } else {
          // Code that knows of no prepared work would do the same again beside it (IC6).
          expect(() => release.decodeRange(written)).toThrow(expect.objectContaining({ name: "LedgerIntegrityError" }));
        }
        expect(decodeRange(release.encodeRange(record))).toMatchObject(
          release.decodeRange(release.encodeRange(record)),
        );
      }),
    );
  });

  test("AT5: takes every message that this code sends, and this code every one of its", () => {
    fc.assert(
      fc.property(arbitraryRange, (record) => {
        const { chain, fromOffset } = record;

        const taken = release.decodeRangeMessage(JSON.parse(encodeRangeMessage({ record })));
        const sent = decodeRangeMessage(JSON.parse(release.encodeRangeMessage({ record })));

        expect([taken.record, sent.record]).toMatchObject([
          { chain, fromOffset },
          { chain, fromOffset },
        ]);
      }),
    );
  });
});
