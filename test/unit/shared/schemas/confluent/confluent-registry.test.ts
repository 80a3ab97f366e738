import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  SchemaRegistryError,
  UndecodableError,
  UnusableSchemaError,
} from "../../../../../shared/core/decode/decode-errors.ts";
import { blameOf } from "../../../../../shared/core/failure/blame-error.ts";
import { createConfluentRegistry } from "../../../../../shared/schemas/confluent/confluent-registry.ts";
import type { RegistryAccess } from "../../../../../shared/schemas/confluent/registry-calls.ts";
import {
  MAX_REFERENCES,
  MAX_SCHEMA_LENGTH,
  REGISTRY_MAX_TRIES,
  UNKNOWN_SCHEMA_PAUSES_MS,
} from "../../../../../shared/schemas/limits.ts";
import { aPatience } from "../../../../support/schemas/patience.ts";
import { createSelfSigned } from "../../../../support/self-signed-certificate.ts";

const PATIENT_TRIES = 1 + UNKNOWN_SCHEMA_PAUSES_MS.length;

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

/** What answers the n-th question, from 0; it records the questions. */
async function serve(answer: (path: string, nth: number) => Answer, certificate?: ReturnType<typeof createSelfSigned>) {
  const asked: IncomingMessage[] = [];
  const answerTo = (request: IncomingMessage, response: import("node:http").ServerResponse) => {
    asked.push(request);
    const { status = 200, body } = answer(request.url ?? "", asked.length - 1);
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server =
    certificate === undefined
      ? createServer(answerTo)
      : createTlsServer(
          {
            cert: certificate.certificate.toString(),
            key: certificate.privateKey.export({ type: "pkcs8", format: "pem" }),
          },
          answerTo,
        );
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const scheme = certificate === undefined ? "http://127.0.0.1" : "https://localhost";
  return { url: new URL(`${scheme}:${port}/api/`), asked };
}

const registryAt = (...urls: readonly URL[]) => openRegistry({ urls });
const openRegistry = (access: RegistryAccess) =>
  createConfluentRegistry({ random: () => 0, patience: aPatience(), ...access });

test("a schema is asked for by its id, below the address's path, and Avro where no type is said", async () => {
  const { url, asked } = await serve(() => ({ body: { schema: '"string"' } }));

  expect(await registryAt(url).fetchSchema("7")).toEqual({
    ...{ format: "AVRO", text: '"string"', references: [] },
    origin: `schema 7 of schema registry ${url.href}`,
  });
  expect(asked.map((request) => request.url)).toEqual(["/api/schemas/ids/7"]);
});

test("a GUID has a path of its own", async () => {
  const { url, asked } = await serve(() => ({ body: { schema: "{}", schemaType: "JSON" } }));

  await registryAt(url).fetchSchema("42479af4-853a-4767-88d6-21c7080bf8bd");

  expect(asked[0]?.url).toBe("/api/schemas/guids/42479af4-853a-4767-88d6-21c7080bf8bd");
});

test("references come in the order in which they can be read, each once", async () => {
  const answers: Readonly<Record<string, unknown>> = {
    "/api/schemas/ids/1": {
      schema: "main",
      schemaType: "PROTOBUF",
      references: [
        { name: "b.proto", subject: "b/b", version: 2 },
        { name: "c.proto", subject: "c", version: 1 },
      ],
    },
    "/api/subjects/b%2Fb/versions/2": { schema: "b", references: [{ name: "c.proto", subject: "c", version: 1 }] },
    "/api/subjects/c/versions/1": { schema: "c" },
  };
  const { url, asked } = await serve((path) => ({ body: answers[path] }));

  const { references } = await registryAt(url).fetchSchema("1");

  expect(references).toEqual([
    { name: "c.proto", text: "c" },
    { name: "b.proto", text: "b" },
  ]);
  expect(asked.length).toBe(3);
});

test("UNS1: what a schema refers to is waited for as the schema is", async () => {
  const references = [{ name: "r", subject: "r", version: 1 }];
  const { url } = await serve((path, nth) => {
    const body = { schema: "s", references: path === "/api/schemas/ids/1" ? references : [] };
    return nth === 1 ? { status: 404, body: { error_code: 40402 } } : { body };
  });

  expect(await registryAt(url).fetchSchema("1")).toMatchObject({ references: [{ name: "r", text: "s" }] });
});

test("references without end are refused", async () => {
  const { url } = await serve((_, nth) => ({
    body: { schema: "s", references: [{ name: `r${nth}`, subject: "r", version: nth + 1 }] },
  }));

  await expect(registryAt(url).fetchSchema("1")).rejects.toThrow(`refers to more than ${MAX_REFERENCES} others`);
});

test.each([
  ["is missing", { status: 404, body: { error_code: 40402 } }],
  ["is too long", { body: { schema: "s".repeat(MAX_SCHEMA_LENGTH + 1) } }],
  ["is of a type that there is not", { body: { schema: "s", schemaType: "THRIFT" } }],
])("SRQ2: a schema whose reference %s cannot be used, for which no record is to blame", async (_, referred) => {
  const { url } = await serve((path) =>
    path.endsWith("/ids/1")
      ? { body: { schema: "s", references: [{ name: "com.example.Line", subject: "lines", version: 2 }] } }
      : referred,
  );

  const error = await registryAt(url)
    .fetchSchema("1")
    .catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(UnusableSchemaError);
  expect(blameOf(error)).toBe("surroundings");
  expect(String(error)).toMatch(/(?:schema 1 of|to which schema 1 of) schema registry http:\S+\/api\//);
  expect(String(error)).toMatch(/version 2 of "?lines/);
});

test("SRQ1: what may pass is tried again, and another address after one that does not answer", async () => {
  const failing = await serve(() => ({ status: 503, body: "" }));
  const { url, asked } = await serve((_, nth) => (nth === 0 ? { status: 429, body: {} } : { body: { schema: "s" } }));
  const registry = registryAt(failing.url, url);

  await expect(registry.fetchSchema("1")).rejects.toThrow(SchemaRegistryError);
  await registry.fetchSchema("2");
  await registry.fetchSchema("3");

  expect(asked.map((request) => request.url)).toEqual([
    "/api/schemas/ids/1",
    "/api/schemas/ids/2",
    "/api/schemas/ids/3",
  ]);
  expect(failing.asked.length).toBe(3);
});

test("SRQ1: an address that nobody listens at is an outage after the last try", async () => {
  const { url } = await serve(() => ({ body: {} }));
  closing.pop()?.();

  const error = await registryAt(url)
    .fetchSchema("1")
    .catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(SchemaRegistryError);
  expect(String(error)).toContain("does not answer: ECONNREFUSED");
});

describe.each([
  ["its word for an unknown schema", { status: 404, body: { error_code: 40403 } }, UndecodableError, PATIENT_TRIES],
  ["a path that it does not know", { status: 404, body: "<html>" }, SchemaRegistryError, 1],
  ["a user that it does not let in", { status: 401, body: { error_code: 401 } }, SchemaRegistryError, 1],
  ["a failure of its own", { status: 500, body: { error_code: 50001 } }, SchemaRegistryError, REGISTRY_MAX_TRIES],
  ["a page of something else", { body: "<html>" }, SchemaRegistryError, 1],
  ["an answer without a schema", { body: {} }, SchemaRegistryError, 1],
  ["references that are none", { body: { schema: "s", references: [7] } }, SchemaRegistryError, 1],
  ["a schema of a type that there is not", { body: { schema: "s", schemaType: "THRIFT" } }, UndecodableError, 1],
  ["a schema that is too long", { body: { schema: "s".repeat(MAX_SCHEMA_LENGTH + 1) } }, UnusableSchemaError, 1],
] as const)("SRQ2: %s", (_, answer, kind, tries) => {
  test(`is a ${kind.name} after ${tries} tries`, async () => {
    const { url, asked } = await serve(() => answer);

    await expect(registryAt(url).fetchSchema("1")).rejects.toThrow(kind);
    expect(asked.length).toBe(tries);
  });
});

test("SRQ1: the next address is asked where one does not know the schema, as a replica that lags behind", async () => {
  const behind = await serve(() => ({ status: 404, body: { error_code: 40403 } }));
  const { url, asked } = await serve(() => ({ body: { schema: "s" } }));

  expect(await registryAt(behind.url, url).fetchSchema("1")).toMatchObject({ text: "s" });
  expect([behind.asked.length, asked.length]).toEqual([1, 1]);
});

test("SRQ3: who asks is said with each question, and in no message", async () => {
  const { url, asked } = await serve(() => ({ status: 403, body: {} }));
  const registry = openRegistry({ urls: [url], authorization: () => "Basic c2VjcmV0" });

  const error = await registry.fetchSchema("1").catch((thrown: unknown) => thrown);

  expect(asked[0]?.headers.authorization).toBe("Basic c2VjcmV0");
  expect(String(error)).toContain("check its user and password or token");
  expect(String(error)).not.toContain("c2VjcmV0");
});

test("a certificate is checked against the authority that is given", async () => {
  const own = createSelfSigned("localhost");
  const { url } = await serve(() => ({ body: { schema: "s" } }), own);

  await expect(registryAt(url).fetchSchema("1")).rejects.toThrow(SchemaRegistryError);
  expect(await openRegistry({ urls: [url], tls: { ca: own.certificate.toString() } }).fetchSchema("1")).toMatchObject({
    text: "s",
  });
});
