import { expect, test } from "vitest";
import { elementsOf, textOfElement } from "../../../../shared/aws/xml-text.ts";

const LISTING = `<?xml version="1.0"?><ListBucketResult><Name>letters</Name><IsTruncated>false</IsTruncated>
<Contents><Key>a/1</Key><ETag>&quot;0a&quot;</ETag></Contents><Contents><Key>b&amp;&#50;&#x33;</Key></Contents></ListBucketResult>`;

test("reads an element's text with its entities, and what stands in each of several", () => {
  const contents = elementsOf(LISTING, "Contents");

  expect(textOfElement(LISTING, "IsTruncated")).toBe("false");
  expect(contents.map((one) => textOfElement(one, "Key"))).toEqual(["a/1", "b&23"]);
  expect(contents.map((one) => textOfElement(one, "ETag"))).toEqual(['"0a"', undefined]);
});

test("an entity that is none stays as it is", () => {
  expect(textOfElement("<Key>a&nothing;b</Key>", "Key")).toBe("a&nothing;b");
});
