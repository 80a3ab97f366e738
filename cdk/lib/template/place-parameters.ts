// Place parameters
//
// Puts parameters where a template that was made with values in their stead has those values.

import { isList, isTemplateObject, type TemplateValue } from "./template-value.ts";

/** Where a parameter's value stands, and what stands there instead. */
export type Place = { readonly by: TemplateValue } & (
  | { readonly text: string } // Anywhere within a text.
  | { readonly exactly: string | number } // A whole value.
  | { readonly only: string } // The list that has this one alone.
  | { readonly key: string } // Whatever value has this key.
);

export function placeParameters(value: TemplateValue, places: readonly Place[], key?: string): TemplateValue {
  if (isList(value)) {
    const list = places.find((place) => "only" in place && value.length === 1 && place.only === value[0]);
    return list?.by ?? value.map((one) => placeParameters(one, places));
  }
  if (isTemplateObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, placeParameters(one, places, name)]));
  }
  const whole = places.find((place) =>
    "exactly" in place ? place.exactly === value : "key" in place && place.key === key,
  );
  return whole?.by ?? (typeof value === "string" ? placeWithin(value, places) : value);
}

function placeWithin(value: string, places: readonly Place[]): TemplateValue {
  const parts = places.reduce<readonly TemplateValue[]>(
    (found, place) =>
      "text" in place
        ? found.flatMap((part) => (typeof part === "string" ? split(part, place.text, place.by) : [part]))
        : found,
    [value],
  );
  const [only = ""] = parts;
  return parts.length === 1 ? only : { "Fn::Join": ["", parts] };
}

/** The text in pieces, with `by` in place of `text` in between; no piece is empty. */
function split(value: string, text: string, by: TemplateValue): readonly TemplateValue[] {
  const pieces = value.split(text);
  return pieces.length === 1
    ? [value]
    : pieces.flatMap((piece, index) => (index === 0 ? [piece] : [by, piece])).filter((part) => part !== "");
}
