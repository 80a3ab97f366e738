import { expect, test } from "vitest";
import { bucketAddress } from "../../../../shared/s3/s3-bucket.ts";

test.each([
  ["https://s3.eu-west-1.amazonaws.com/", "letters", "https://letters.s3.eu-west-1.amazonaws.com/", ""],
  [
    "https://s3-fips.us-gov-west-1.amazonaws.com/",
    "letters",
    "https://letters.s3-fips.us-gov-west-1.amazonaws.com/",
    "",
  ],
  ["https://s3.eu-west-1.amazonaws.com/", "let.ters", "https://s3.eu-west-1.amazonaws.com/", "/let.ters"],
  ["http://127.0.0.1:4566/", "letters", "http://127.0.0.1:4566/", "/letters"],
])("at %s the bucket %s is found by %s and the path %s", (endpoint, bucket, host, path) => {
  const address = bucketAddress(new URL(endpoint), bucket);

  expect([address.endpoint.href, address.path]).toEqual([host, path]);
});
