import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  type ConfluentRegistryOptions,
  confluentRegistry,
} from "../../../../functions/deserializers/confluent-registry.ts";
import { SchemaRegistryError } from "../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

/** Answers one schema, and records who asked. */
async function serve() {
  const users: unknown[] = [];
  const server = createServer((request, response) => {
    users.push(request.headers.authorization);
    response.end('{"schema":"s"}');
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, users };
}

test.each([
  ["a user and a password", { basicAuth: { username: "key", password: "sécret" } }, "Basic a2V5OnPDqWNyZXQ="],
  ["a token", { bearerToken: "t0ken" }, "Bearer t0ken"],
  ["a token that is asked for", { bearerToken: async () => "t0ken" }, "Bearer t0ken"],
  ["nobody", {}, undefined],
])("a registry is asked as %s", async (_, options, expected) => {
  const { url, users } = await serve();

  await confluentRegistry({ url, ...options }).fetchSchema("1");

  expect(users).toEqual([expected]);
});

test.each([
  ["url", { url: "registry.example:8081" }],
  ["url", { url: "ftp://registry.example" }],
  ["url", { url: "https://registry.example?a=1" }],
  ["url of registry.example has a user in it", { url: "https://user:secret@registry.example" }],
  ["url is an empty list", { url: [] }],
  ["basicAuth", { url: "https://a", basicAuth: { username: "a:b", password: "c" } }],
  ["basicAuth and bearerToken", { url: "https://a", basicAuth: { username: "a", password: "c" }, bearerToken: "t" }],
  ["uri is no option", { url: "https://a", uri: "https://b" }],
  ["url is missing", {}],
  ["uri is no option; there are url, basicAuth, bearerToken, tls; url is missing", { uri: "https://user:secret@b" }],
  ["url is missing", { url: undefined }],
  ["url is a number; expected http://… or https://…, or an array", { url: 5 }],
  ["url is missing", { url: ["https://a", undefined] }],
  ["its options are missing", undefined],
  ["its options are a string; expected an object with url, basicAuth", "https://user:secret@registry.example"],
  ["basicAuth is null; expected { username, password }", { url: "https://a", basicAuth: null }],
  ["bearerToken is a number", { url: "https://a", bearerToken: 5 }],
  [
    "the tls of confluentRegistry: its options are a string; expected an object with ca, cert, key",
    { url: "https://a", tls: "secret" },
  ],
  [
    "the tls of confluentRegistry: rejectUnauthorized is no option; there are ca, cert",
    { url: "https://a", tls: { rejectUnauthorized: false } },
  ],
  ["tls cannot be used", { url: "https://a", tls: { cert: "secret", key: "secret" } }],
  ['url is "htps://…@registry.example"', { url: "htps://user:secret@registry.example" }],
  ['url is "https://…@registry example"', { url: "https://user:se@cret@registry example" }],
  ['url is "…@registry.example:8081"', { url: "user:secret@registry.example:8081" }],
  ['url is "…@registry.example:8081"', { url: ["http://user:secret", "x@registry.example:8081"] }],
  ["url is an object", { url: { href: "https://user:secret@registry.example" } }],
  ["url of a has ? or #", { url: "https://a/?key=secret" }],
])("%s is refused before anything is asked", (problem, options) => {
  const refused = () => confluentRegistry(options as ConfluentRegistryOptions);

  expect(refused).toThrow(ConfigurationError);
  expect(refused).toThrow(problem);
  expect(refused).not.toThrow("secret");
  expect(refused).not.toThrow("cret@");
});

test("wrong options by a function are no record's fault either", async () => {
  const registry = confluentRegistry(async () => ({}) as ConfluentRegistryOptions);

  await expect(registry.fetchSchema("1")).rejects.toThrow(ConfigurationError);
});

test("options by a function are asked for once the first schema is needed, and again where that failed", async () => {
  const { url } = await serve();
  let asked = 0;
  const registry = confluentRegistry(async () => {
    asked += 1;
    if (asked === 1) {
      throw new Error("the secret does not answer");
    }
    return { url };
  });
  expect(asked).toBe(0);

  await expect(registry.fetchSchema("1")).rejects.toThrow(SchemaRegistryError);
  await registry.fetchSchema("1");
  await registry.fetchSchema("2");

  expect(asked).toBe(2);
});

test.each<[string, string | (() => string)]>([
  ["of two words", "two words"],
  ["that is not there", () => undefined as never],
])("a token %s is refused without being shown", async (_, bearerToken) => {
  const { url, users } = await serve();

  const error = await confluentRegistry({ url, bearerToken })
    .fetchSchema("1")
    .catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).not.toContain("two words");
  expect(users).toEqual([]);
});
