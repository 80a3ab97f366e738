import { expect, test } from "vitest";
import { parseOutputPlace } from "../../../../../functions/cli/outputs/output-place.ts";
import { openPostgresPositions } from "../../../../../functions/cli/outputs/postgres-positions.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

test.each([
  ["s3", { kind: "s3" }],
  ["kafka", { kind: "kafka" }],
  ["kafka:out", { kind: "kafka", topic: "out" }],
  ["postgres://u@db/x", { kind: "postgres", url: "postgres://u@db/x" }],
])("%s is a place of outputs", (text, place) => {
  expect(parseOutputPlace(text)).toEqual(place);
});

test.each([
  ["u:s3cret@db/x", '--outputs "…@db/x" is no output'],
  ["postgres:u:s3cret@db/x", '--outputs "…@db/x" is no output'],
  ["jdbc:postgresql://db/x?user=u&password=s3cret", '--outputs "jdbc:postgresql://db/x?…" is no output'],
  ["host=db user=u password=s3cret", '--outputs "host=db user=u password=…" is no output'],
  ["kafka:two words", '--outputs "kafka:two words" is no output'],
])("%s is none, and what is told of it has no password", (text, problem) => {
  const parse = () => parseOutputPlace(text);

  expect(parse).toThrow(ConfigurationError);
  expect(parse).toThrow(problem);
  expect(parse).not.toThrow("s3cret");
});

test.each([
  ["postgres://u:s3cret@db/x", "has a password"],
  ["postgres://u@db/x?password=s3cret", "has a password"],
  ["postgres://u:s3 cret@:x", "is no URL"],
  ["postgres://u%zz@db/s3cret", "is no URL"],
  ["postgres://u@db/x?password:s3,u:s3cret@db", 'has "password:…@db"'],
  ["postgres://u@db/x?sslmode=u:s3cret@db", 'has "sslmode=u:…@db"'],
])("the URL %s is refused without its password", async (url, problem) => {
  const refusal = await openPostgresPositions(url, undefined, () => expect.unreachable()).catch(
    (error: unknown) => error,
  );

  expect(refusal).toBeInstanceOf(ConfigurationError);
  expect(String(refusal)).toContain(problem);
  expect(String(refusal)).not.toMatch(/s3|cret/);
});
