import { isDeepStrictEqual } from "node:util";
import type { TemplateValue } from "./template-value.ts";

/** A list beside another one. */
export interface AlignedList {
  /** In the places of the other list's elements. */
  readonly items: readonly TemplateValue[];
  /** What comes before the element of the index, or at the end. */
  readonly inserted: Readonly<Record<number, readonly TemplateValue[]>>;
}

/** The list beside its base: of the same length, or with all of the base's elements and more; undefined where neither holds. */
export function alignLists(base: readonly TemplateValue[], list: readonly TemplateValue[]): AlignedList | undefined {
  if (list.length === base.length) {
    return { items: list, inserted: {} };
  }
  const inserted: Record<number, TemplateValue[]> = {};
  let index = 0;
  for (const item of list) {
    if (index < base.length && isDeepStrictEqual(item, base[index])) {
      index += 1;
    } else {
      inserted[index] = [...(inserted[index] ?? []), item];
    }
  }
  return index === base.length ? { items: base, inserted } : undefined;
}
