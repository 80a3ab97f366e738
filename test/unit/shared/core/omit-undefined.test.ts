import { expect, test } from "vitest";
import { omitUndefined } from "../../../../shared/core/omit-undefined.ts";

test("what is undefined is left out, and nothing else that is empty", () => {
  const kept = omitUndefined({ a: undefined, b: 0, c: "", d: false, e: null, f: 0n });

  expect(Object.entries(kept)).toEqual([
    ["b", 0],
    ["c", ""],
    ["d", false],
    ["e", null],
    ["f", 0n],
  ]);
});

test("it is typed so that an exact optional property takes it", () => {
  const name: string | undefined = [][0];
  const record: { readonly id: string; readonly name?: string } = omitUndefined({ id: "a", name });
  // @ts-expect-error An undefined member is none of an exact optional property's values.
  const refused: typeof record = { id: "a", name };

  expect("name" in record).toBe(false);
  expect("name" in refused).toBe(true);
});
