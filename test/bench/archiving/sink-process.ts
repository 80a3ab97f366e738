// An S3 endpoint that forgets: takes parts as fast as they come, so that what is measured is
// the client's own work. Its processor time is not counted.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const upload = "<InitiateMultipartUploadResult><UploadId>sink</UploadId></InitiateMultipartUploadResult>";
const completed = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.setHeader("etag", '"00000000000000000000000000000000"');
    response.end(request.method === "POST" ? (request.url?.endsWith("?uploads") ? upload : completed) : "");
  });
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo; // A server on a port has one.
process.stdin.on("data", () => process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`));
process.stdin.on("end", () => process.exit(0));
