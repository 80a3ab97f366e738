import { expect, test } from "vitest";
import { readableError } from "../../../../../functions/processor/errors/readable-error.ts";
import { SchemaRegistryError, UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import {
  BeyondEndError,
  ConfigurationError,
  CorruptRecordError,
  DataLossError,
  DeadLetterError,
  DeadlineError,
  DispatchError,
  ForeignPipelineError,
  InvalidOutputError,
  LedgerIntegrityError,
  LedgerUnavailableError,
  OutputLimitError,
  OutputRefusedError,
  OutputUnavailableError,
  ProtocolError,
  RangeReadError,
  RepeatedItemError,
  SupersededError,
} from "../../../../../shared/core/errors.ts";
import { blameOf } from "../../../../../shared/core/failure/blame-error.ts";

test.each([
  ["the code's own", new SyntaxError("not JSON"), "records"],
  ["anything thrown", "not JSON", "records"],
  ["a record that cannot be read", new CorruptRecordError("its checksum is wrong"), "records"],
  ["a record that cannot be decoded", new UndecodableError("it is no JSON"), "records"],
  ["BE1: a schema registry", new SchemaRegistryError("no answer"), "surroundings"],
  ["an output's refused condition", new OutputRefusedError("no", { outputIndex: 0 }), "records"],
  ["BE3: an output that cannot be written", new InvalidOutputError("an empty key"), "records"],
  ["too many outputs", new OutputLimitError("100 outputs"), "size"],
  [
    "two outputs of an item",
    new RepeatedItemError("a", { tableName: "t", itemKey: "k", outputIndexes: [0, 1] }),
    "size",
  ],
  ["the deadline", new DeadlineError("time is up"), "time"],
  ["BE1: the broker", new RangeReadError("gone"), "surroundings"],
  ["BE1: an answer of the broker that nobody knows", new ProtocolError("ERROR_134 (134)"), "surroundings"],
  ["BE1: the ledger", new LedgerUnavailableError("no answer"), "surroundings"],
  ["BE1: the ledger's content", new LedgerIntegrityError("schema 2"), "surroundings"],
  ["BE1: the configuration", new ConfigurationError("wrong"), "surroundings"],
  ["BE1: another pipeline", new ForeignPipelineError("x", { pipeline: "a", ownPipeline: "b" }), "surroundings"],
  ["BE1: a lost lease", new SupersededError("lost"), "surroundings"],
  ["BE1: a dispatch", new DispatchError("throttled"), "surroundings"],
  ["BE1: the dead-letter target", new DeadLetterError("no answer"), "surroundings"],
  ["BE1: lost data", new DataLossError("gone", { fromOffset: 1n, loss: { kind: "truncated" } }), "surroundings"],
  ["BE1: a range beyond the end", new BeyondEndError("no", { untilOffset: 9n, endOffset: 5n }), "surroundings"],
  ["BE2: a network error", Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), "surroundings"],
  ["BE2: a throttled call", Object.assign(new Error("slow down"), { name: "ThrottlingException" }), "surroundings"],
  ["BE2: a service's own error", Object.assign(new Error("oops"), { $fault: "server" }), "surroundings"],
  [
    "BE2: what the SDK would retry",
    Object.assign(new Error("x"), { $retryable: { throttling: true } }),
    "surroundings",
  ],
  ["BE2: an aborted fetch", new DOMException("x", "TimeoutError"), "surroundings"],
  ["a service that refuses the request", Object.assign(new Error("no"), { $fault: "client" }), "records"],
] as const)("an error of %s blames the right one", (_, error, blame) => {
  expect(blameOf(error)).toBe(blame);
});

test("BE2: wrapping an outage does not make it a record's fault", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const wrapped = new Error("saving order 7", { cause: new Error("insert", { cause: refused }) });

  expect(blameOf(wrapped)).toBe("surroundings");
  expect(blameOf(new Error("parsing", { cause: new SyntaxError("not JSON") }))).toBe("records");
});

test("BE3: wrapping an output's refusal does not make it an outage, nor of a size a fault", () => {
  const wrap = (cause: Error) => new Error("saving order 7", { cause: new Error("commit", { cause }) });

  expect(blameOf(wrap(new InvalidOutputError("an empty key")))).toBe("records");
  expect(blameOf(wrap(new OutputRefusedError("no", { outputIndex: 0 })))).toBe("records");
  expect(blameOf(wrap(new OutputLimitError("100 outputs")))).toBe("size");
  expect(blameOf(wrap(new LedgerUnavailableError("no answer")))).toBe("surroundings");
});

test("BE2: of several errors one of the surroundings is enough", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

  expect(blameOf(new AggregateError([new SyntaxError("not JSON"), new Error("x", { cause: refused })]))).toBe(
    "surroundings",
  );
  expect(blameOf(new AggregateError([new SyntaxError("not JSON")]))).toBe("records");
});

test("an error that is its own cause is judged all the same", () => {
  const error = new Error("circular");
  error.cause = error;

  expect(blameOf(error)).toBe("records");
});

const outage = () => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

/** What compilers make of a failed disposal where there is no class for it. */
const suppressedByName = (error: unknown, suppressed: unknown) =>
  Object.assign(new Error("An error was suppressed during disposal."), { name: "SuppressedError", error, suppressed });

test.each<[string, unknown]>([
  ["of a disposal, behind a failure", new SuppressedError(outage(), new Error("closed"))],
  ["before a disposal that fails too", new SuppressedError(new Error("closed"), outage())],
  ["under the disposals of twenty resources", disposals(20, new Error("saving", { cause: outage() }))],
  ["in a compiler's own kind of suppressed error", suppressedByName(new Error("closed"), outage())],
  [
    "behind more errors than a chain of causes may have",
    new AggregateError(Array.from({ length: 50 }, () => new Error("saving", { cause: outage() }))),
  ],
  ["the last of fifty", new AggregateError([...Array.from({ length: 49 }, () => new Error("no")), outage()])],
  ["in a library's own kind of several errors", Object.assign(new Error("all failed"), { errors: [outage()] })],
  ["in one part of a part", new AggregateError([new AggregateError([new SuppressedError(outage(), "x")])])],
])("BE2: an outage %s is no record's fault", (_, error) => {
  expect(blameOf(error)).toBe("surroundings");
  expect(blameOf(readableError(error))).toBe("surroundings");
});

test("BE2, BE3: of two of our own errors the one that came first is to blame, and one without an end ends", () => {
  const unavailable = new OutputUnavailableError("the database is down");
  const first = new Error("commit", { cause: unavailable });
  const endless = new AggregateError([new Error("x")]);
  endless.errors.push(endless);

  for (const read of [(error: unknown) => error, readableError]) {
    expect(blameOf(read(new SuppressedError(new InvalidOutputError("an empty key"), first)))).toBe("surroundings");
    expect(blameOf(read(new SuppressedError(first, new InvalidOutputError("an empty key"))))).toBe("records");
    expect(blameOf(read(endless))).toBe("records");
  }
});

function disposals(failing: number, first: unknown): unknown {
  return Array.from({ length: failing }).reduce((before) => new SuppressedError(new Error("closed"), before), first);
}
