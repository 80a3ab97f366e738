import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  SchemaRegistryError,
  UndecodableError,
  UnusableSchemaError,
} from "../../../../../shared/core/decode/decode-errors.ts";
import { createGlueRegistry } from "../../../../../shared/schemas/glue/glue-registry.ts";
import { MAX_SCHEMA_LENGTH } from "../../../../../shared/schemas/limits.ts";
import { aPatience } from "../../../../support/schemas/patience.ts";

const ID = "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63";
const aVersion = { SchemaDefinition: "s", DataFormat: "AVRO" };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

async function serve(answers: (nth: number) => readonly [status: number, body: unknown]) {
  const asked: { readonly target: unknown; readonly authorization: unknown; readonly input: unknown }[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { "x-amz-target": target, authorization } = request.headers;
      asked.push({ target, authorization, input: JSON.parse(Buffer.concat(pieces).toString()) });
      const [status, body] = answers(asked.length);
      response.writeHead(status).end(JSON.stringify(body));
    });
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const access = () => ({
    region: "eu-west-1",
    credentials: () => ({ accessKeyId: "AKID", secretAccessKey: "secret" }),
    endpoint: new URL(`http://127.0.0.1:${port}`),
  });
  const registry = createGlueRegistry(access, aPatience());
  return { registry, asked };
}

test("a schema version is asked for by its id, signed for Glue, and once", async () => {
  const { registry, asked } = await serve(() => [200, { SchemaDefinition: '"string"', DataFormat: "AVRO" }]);

  const schemas = [await registry.fetchSchema(ID), await registry.fetchSchema(ID)];

  expect(schemas).toEqual(
    Array(2).fill({ format: "AVRO", text: '"string"', references: [], origin: `schema version ${ID} of AWS Glue` }),
  );
  expect(asked).toEqual([
    {
      target: "AWSGlue.GetSchemaVersion",
      authorization: expect.stringContaining("/eu-west-1/glue/aws4_request"),
      input: { SchemaVersionId: ID },
    },
  ]);
});

test.each([
  ["does not know", 400, { __type: "EntityNotFoundException" }, UndecodableError],
  ["may not be asked for", 400, { __type: "AccessDeniedException" }, SchemaRegistryError],
  ["answers nothing of", 200, {}, SchemaRegistryError],
  [
    "has with too long a text",
    200,
    { ...aVersion, SchemaDefinition: "s".repeat(MAX_SCHEMA_LENGTH + 1) },
    UnusableSchemaError,
  ],
  ["has in a format that there is not", 200, { ...aVersion, DataFormat: "XML" }, UndecodableError],
])("a version that Glue %s", async (_, status, body, kind) => {
  const { registry } = await serve(() => [status, body]);

  await expect(registry.fetchSchema(ID)).rejects.toThrow(kind);
});

test("UNS1: a version that Glue does not know yet is asked for again", async () => {
  const { registry, asked } = await serve((nth) =>
    nth < 3
      ? [400, { __type: "EntityNotFoundException" }]
      : [200, { SchemaDefinition: '"string"', DataFormat: "AVRO" }],
  );

  expect(await registry.fetchSchema(ID)).toMatchObject({ text: '"string"' });
  expect(asked.length).toBe(3);
});
