import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runRanges } from "../../support/cli/run-ranges.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wrong-options-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Nothing listens there: a command that gets so far fails otherwise. */
const NOWHERE = "127.0.0.1:1";

async function failLine(args: readonly string[], variables?: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr } = await runRanges(args, variables);
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^ranges: .+\n$/);
  return stderr;
}

const read = ["read", "--bootstrap-servers", NOWHERE, "--range", "orders:0:0:1"];
const plan = ["plan", "--bootstrap-servers", NOWHERE, "--topics", "orders"];
const reprocess = ["reprocess", "--function", "f", "--request-id", "r", "--range", "orders:0:0:1"];
const again = ["reprocess", "--function", "f", "--request-id", "r"];
const act = ["--table", "ledger", "--pipeline", "p", "--reason", "because"];

const REGION = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };

describe("an option whose value an empty variable was to give is named, not the word behind it", () => {
  test.each([
    ["--table", "--pipeline", ["status", "--table", "--pipeline", "p"]],
    ["--table", "--bootstrap-servers", ["status", "--table", "--bootstrap-servers", NOWHERE]],
    ["--table", "--bootstrap-server", ["status", "--table", "--bootstrap-server", NOWHERE]],
    ["--range", "--json", ["retry", "--table", "t", "--pipeline", "p", "--range", "--json"]],
    ["--range", "--isolation-level", [...read, "--range", "--isolation-level", "read_committed"]],
    ["--table", "--help", ["status", "--table", "--help"]],
  ] as const)("%s before %s", async (option, next, args) => {
    expect(await failLine(args)).toMatch(`ranges: ${option} has no value, since "${next}" follows it: give one`);
  });

  test("an option at the end of the line is named as well", async () => {
    expect(await failLine(["status", "--table"])).toContain("'--table <name>' argument missing");
  });

  test("a value that begins like an option is taken behind an equals sign", async () => {
    const args = ["pause", "--table", "t", "--pipeline", "p", "--partition", "none", "--reason=--no reason"];

    expect(await failLine(args, REGION)).toContain("--partition");
  });
});

describe("no line that a command ends with has a password of the command line", () => {
  test.each([
    [["verify", "--table", "t", "--outputs", "u:p4ssw@db/x"], "…@db/x"],
    [["status", "--table", "t", "--endpoint-url", "u:p4ssw@aws.example"], "…@aws.example"],
    [["status", "--table", "t", "--endpoint-url", "http://u:p4ssw@aws.example"], "has a user in it"],
    [["plan", "--topics", "orders", "--bootstrap-servers", "u:p4,ssw@b:1"], "…@b:1"],
    [["status", "postgres://u:p4ssw@db/x"], "…@db/x"],
    [["u:p4ssw@db/x"], "…@db/x"],
    [["status", "--tabel=u:p4ssw@db/x"], "--tabel"],
    [["plan", "--bootstrap-servers", NOWHERE, "--topics", "u:p4ssw@db/x"], "…@db/x"],
    [["dead-letters", "list", "--target", "sqs:u:p4ssw@q"], "…@q"],
    [[...read, "--value-deserializer", "avro", "--schema-registry-url", "u:p4,ssw@r:1"], "…@r:1"],
  ])("%j", async (args, shown) => {
    const line = await failLine(args, REGION);

    expect(line).toContain(shown);
    expect(line).not.toMatch(/p4|ssw/);
  });
});

test("a group is asked of Kafka, whose brokers have to be named", async () => {
  const args = ["status", "--table", "t", "--group", "g", "--endpoint-url", `http://${NOWHERE}`];

  expect(await failLine(args, REGION)).toContain("--group is asked of Kafka: give --bootstrap-servers");
});

test("an AWS that does not answer is named by its address, with what points there", async () => {
  const args = ["status", "--table", "t", "--endpoint-url", `http://${NOWHERE}`];

  const { code, stderr } = await runRanges(args, REGION);

  expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 1, lines: 1 });
  expect(stderr).toContain(
    `AWS does not answer at http://${NOWHERE} (ECONNREFUSED); check --endpoint-url "http://${NOWHERE}"`,
  );
});

test("--verbose shows the stack and the causes of an error as well, behind its line", async () => {
  const args = ["status", "--table", "t", "--endpoint-url", `http://${NOWHERE}`, "--verbose"];

  const { stderr } = await runRanges(args, REGION);

  const lines = stderr.split("\n");
  expect(lines[0]).toMatch(/^ranges: AWS does not answer/);
  expect(lines.filter((line) => /^ +at .*\.ts:\d+/.test(line)).length).toBeGreaterThan(1);
  expect(stderr).toContain("[cause]: ");
});

describe("a value that cannot be one is refused with its option, the value and what is expected, by exit code 2", () => {
  test.each<[option: string, value: string, expected: string, args: readonly string[]]>([
    ["--endpoint-url", "nonsense", "http://127.0.0.1:4566", ["status", "--table", "ledger"]],
    ["--endpoint-url", "127.0.0.1:4566", "http://127.0.0.1:4566", ["verify", "--table", "ledger"]],
    ["--endpoint-url", "ftp://127.0.0.1", "http or https", ["pause", ...act]],
    ["--endpoint-url", "", "http or https", reprocess],
    ["--bootstrap-servers", "kafka", "is not host:port", ["read", "--range", "orders:0:0:1"]],
    ["--bootstrap-servers", "kafka:70000", "is not host:port", ["plan", "--topics", "orders"]],
    ["--bootstrap-servers", "a:1,,b:2", "has an empty entry; give one or more", ["status", "--table", "ledger"]],
    ["--ssl-ca", "/does/not/exist", "ENOENT; name a file", [...read, "--security-protocol", "SSL"]],
    ["--command-config", "/does/not/exist", "ENOENT; name a file", read],
    ["--command-config", "/tmp", "it is a folder", ["status", "--table", "ledger"]],
    ["--on-failure-record", "/does/not/exist", "ENOENT; name a file", ["reprocess", "--function", "f"]],
    ["--max-concurrent-ranges", "many", "a whole number from 1 to 1000", reprocess],
    ["--min-partitions", "0", "a whole number from 1", plan],
    [
      "--stuck-after",
      "soon",
      "a whole number of minutes from 0 to 999999 without leading zeros",
      ["verify", "--table", "ledger"],
    ],
    ["--topics", "or ders", "expected legal Kafka topic names", ["plan", "--bootstrap-servers", NOWHERE]],
    ["--stuck-after", "007", "without leading zeros", ["verify", "--table", "ledger"]],
    ["--stuck-after", "1000000", "from 0 to 999999", ["verify", "--table", "ledger"]],
    ["--max-concurrent-ranges", "007", "from 1 to 1000 without leading zeros", reprocess],
    ["--max-records-per-range", "007", "without leading zeros", plan],
    ["--retention-days", "007", "from 7 to 365 without leading zeros", ["skip", ...act, "--range", "orders:0:0"]],
    ["--ssl-ca", "/dev/null", "add --security-protocol SSL, or leave --ssl-ca out", read],
    ["--request-id", "", "is empty; name one", reprocess],
    ["--request-id", "a b", 'is "a b": expected 1 to 64 letters', reprocess],
    ["--request-id", " ", "is empty; name one", ["retry", ...act, "--all"]],
    ["--topics", "or ders", "expected legal Kafka topic names", [...again, "--starting-offsets", "earliest"]],
    ["--topic-pattern", "", "is empty; give a regular expression", [...again, "--starting-offsets", "earliest"]],
    ["--partition", "orders", "is not TOPIC:PARTITION", ["pause", ...act]],
    ["--assign", "orders", "is not TOPIC:PARTITION", ["plan", "--bootstrap-servers", NOWHERE]],
    ["--range", "orders:00:1:2", 'PARTITION "00" in --range', [...again]],
    ["--retention-days", "1.5", "a whole number of days from 7 to 365", ["skip", ...act, "--range", "orders:0:0"]],
    ["--until", "-1", "not an offset", ["skip", ...act, "--range", "orders:0:0"]],
    ["--table", " ", "is empty", ["status"]],
    ["--function", "", "is empty", ["reprocess", "--range", "orders:0:0:1"]],
  ])("%s %j", async (option, value, expected, args) => {
    const line = await failLine([...args, option, value]);

    expect(line).toContain(option);
    expect(line).toContain(value.trim());
    expect(line).toContain(expected);
  });

  test.each<[option: string, args: readonly string[]]>([
    ["--topics", ["plan", "--bootstrap-servers", NOWHERE]],
    ["--topic-pattern", ["plan", "--bootstrap-servers", NOWHERE]],
    ["--stuck-after", ["verify", "--table", "ledger"]],
  ])("BT1: %s, but not with a value of any length", async (option, args) => {
    const line = await failLine([...args, option, `(${"x".repeat(10_000)}`]);

    expect(line).toContain(option);
    expect(line.length).toBeLessThan(600);
  });

  test.each<[args: readonly string[], refused: string]>([
    [["--range", "orders:0:0:1"], "--request-id is missing: expected 1 to 64 letters"],
    [["--request-id", "r"], "give --range, --on-failure-record, or a start or an end"],
    [
      ["--request-id", "r", "--range", "orders:0:0:1", "--topics", "a", "--starting-offsets", "earliest"],
      "--starting-offsets, --topics cannot be combined with --range: give one or the other",
    ],
    [
      ["--request-id", "r", "--starting-offsets", "earliest", "--topics", "a", "--assign", "a:0"],
      "--topics and --assign cannot be combined: give one of them",
    ],
  ])("a request is refused by the options that make it: %j", async (args, refused) => {
    const line = await failLine(["reprocess", "--function", "f", ...args]);

    expect(line).toContain("the request is wrong: ");
    expect(line).toContain(refused);
    expect(line).not.toMatch(/requestId|onFailureRecord|startingOffsets/);
  });

  test("what stands in a file is for the command to judge: a pipe is read once", async () => {
    const file = join(folder, "client.properties");
    await writeFile(file, "interceptor.classes=x\n");

    expect(await failLine([...read, "--command-config", file])).toContain("interceptor.classes is refused");
  });
});

describe("a mistyped option is told with the one that was meant", () => {
  test.each([
    ["--tabel", "--table", ["status", "--tabel", "ledger"]],
    ["--tabel", "--table", ["status", "--tabel=ledger"]],
    ["--rnage", "--range", ["read", "--bootstrap-servers", NOWHERE, "--rnage", "orders:0:0:1"]],
    ["--pipelin", "--pipeline", ["resume", "--table", "ledger", "--pipelin", "p"]],
  ])("%s, also where a required one is missing for it", async (mistyped, meant, args) => {
    const line = await failLine(args);

    expect(line).toContain(`unknown option '${mistyped}'`);
    expect(line).toContain(`(Did you mean ${meant}?)`);
  });

  test("VT1: in one line that steers no terminal, whatever was typed", async () => {
    expect(await failLine(["status", "--\u001b[31mtable"])).toContain("unknown option '--\\u001b[31mtable'");
    expect(await failLine(["pause", "--table=\u001b[31m"])).toMatch(/^[ -~]*\n$/);
  });

  test("a required one that is only missing is named", async () => {
    expect(await failLine(["status"])).toContain("required option '--table <name>' not specified");
  });
});

describe("what AWS needs of this machine and does not find is told in one line, by exit code 2", () => {
  /** No profile, no instance that would give credentials. */
  const bare = {
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const withoutRegion = { ...bare, AWS_REGION: undefined };
  const withoutCredentials = { ...bare, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

  const commands: readonly (readonly string[])[] = [
    ["status", "--table", "ledger"],
    ["verify", "--table", "ledger"],
    ["retry", "--table", "ledger", "--pipeline", "p", "--range", "orders:0"],
    ["skip", ...act, "--range", "orders:0:0"],
    ["pause", ...act],
    ["resume", "--table", "ledger", "--pipeline", "p"],
    ["cancel", ...act, "--request-id", "r"],
    reprocess,
  ];

  test.each(commands.map((args) => [args[0], args] as const))("ranges %s", async (_, args) => {
    expect(await failLine(args, withoutRegion)).toMatch(/^ranges: no AWS region .*set AWS_REGION/);
    expect(await failLine(args, withoutCredentials)).toMatch(/^ranges: no AWS credentials .*set AWS_PROFILE/);
  });

  test("an endpoint of the environment that is no URL is named by its variable", async () => {
    const line = await failLine(["status", "--table", "ledger"], { ...bare, AWS_ENDPOINT_URL: "nonsense" });

    expect(line).toContain("AWS_ENDPOINT_URL");
  });

  test("MSK's IAM, which signs with them, says so too", async () => {
    const file = join(folder, "iam.properties");
    await writeFile(file, "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\n");
    const args = [...read, "--command-config", file];

    expect(await failLine(args, withoutRegion)).toContain("AWS_REGION is not set");
    expect(await failLine(args, withoutCredentials)).toContain("without AWS credentials");
  });
});
