import { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { readAppContext } from "../../cdk/lib/app/app-context.ts";

const read = (context: Readonly<Record<string, unknown>>) =>
  readAppContext(new App({ context: { bootstrapServers: "b-1:9092", topics: "lines", ...context } }));

test.each(["007", "1e3", "0x10", " 5", "5.0", "-1", "0", "", 1.5, 0, true, [5], "9007199254740993"])(
  "a context's count of %j is refused with its name, the value and what is expected",
  (value) => {
    expect(() => read({ maxRecordsPerPartition: value })).toThrow(
      `context maxRecordsPerPartition is ${JSON.stringify(value)}; expected a whole number of at least 1 without leading`,
    );
  },
);

test.each(["lines,", ",", "lines,,words"])("a context's list %j with an empty entry is refused", (topics) => {
  expect(() => read({ topics })).toThrow(
    `context topics is ${JSON.stringify(topics)}, which has an empty entry; pass it as lines`,
  );
});

test.each([5, "5"])("a context's count of %j is taken, from cdk.json or from the command line", (value) => {
  expect(read({ maxRecordsPerPartition: value })).toMatchObject({ maxRecordsPerPartition: 5 });
});
