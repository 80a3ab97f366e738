import { expect, test } from "vitest";
import { refusalOf } from "../../../../shared/aws/refusal-of.ts";

const XML =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code><Message>The bucket &quot;a&quot; is not there</Message></Error>';

test.each([
  ["JSON", { headers: {}, body: '{"__type":"com.amazon#NotHere","message":"not here"}' }, ["NotHere", "not here"]],
  [
    "JSON with the type in a header",
    { headers: { "x-amzn-errortype": "NotHere:http://x" }, body: '{"Message":"no"}' },
    ["NotHere", "no"],
  ],
  ["S3's XML", { headers: {}, body: XML }, ["NoSuchBucket", 'The bucket "a" is not there']],
  [
    "a proxy's page",
    { headers: {}, body: "<html>no</html>" },
    ["HTTP 404", "the service answered 404 without a reason"],
  ],
  ["nothing", { headers: {}, body: "" }, ["HTTP 404", "the service answered 404 without a reason"]],
])("names what is refused by %s", (_, answer, expected) => {
  const { name, message, statusCode } = refusalOf({ statusCode: 404, ...answer });

  expect([name, message]).toEqual(expected);
  expect(statusCode).toBe(404);
});

test("S3's request id is kept", () => {
  expect(refusalOf({ statusCode: 403, headers: { "x-amz-request-id": "r-1" }, body: XML }).requestId).toBe("r-1");
});
