// Every way of entering a cluster, by a command and by the functions of a pipeline as its app
// deploys them, on a real Kafka; and no secret of any of them where others can read.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { jsonLines, LOCAL_AWS } from "../../../support/cli/run-ranges.ts";
import { runRangesHere } from "../../../support/cli/run-ranges-here.ts";
import {
  type DeployedPipelines,
  deployPipelines,
  type EntryProps,
} from "../../../support/deployed/deployed-pipelines.ts";
import {
  ENTRY_ROWS,
  type EntryRow,
  referring,
  type Surroundings,
  settingsOf,
  titleOf,
} from "../../../support/deployed/entry-matrix.ts";
import { type LocalValues, openLocalValues } from "../../../support/deployed/local-values.ts";
import { type SecuredBroker, type Settings, startSecuredBroker } from "../../../support/deployed/secured-broker.ts";
import { createLedgerTable, type LedgerTable } from "../../../support/ledger/ledger-table.ts";
import { startTokenIssuer, type TokenIssuer } from "../../../support/oidc/token-issuer.ts";

const user = { name: "alice", password: "PLANTED-alice" };
const client = { id: "orders", secret: "PLANTED-client" };
/** Of the recorded stores, and of the keys in them. */
const SECRETS = /PLANTED|store-secret|key-secret|PRIVATE KEY/;

let secured: SecuredBroker;
let issuer: TokenIssuer;
let values: LocalValues;
let table: LedgerTable;
let deployed: DeployedPipelines;

const endpoint = inject("aws.endpoint");
/** Of the secrets that are whole files. */
const wholeNames = new Map<EntryRow, string>();
/** As a pipeline has them, with references, which a command takes as well. */
const referred = new Map<EntryRow, Settings>();
const nameOf = (row: EntryRow) => `Entry${ENTRY_ROWS.indexOf(row)}`;

function surroundings(row: EntryRow): Surroundings {
  return {
    bootstrapServers: secured.broker.addresses[row.listener] ?? secured.broker.bootstrapServers,
    user,
    client,
    tokenUrl: issuer.tokenUrl,
    place: (title, content) => {
      const path = join(secured.folder, title.replaceAll(/[^\w.]+/g, "-"));
      writeFileSync(path, content);
      return path;
    },
  };
}

async function propsOf(row: EntryRow): Promise<EntryProps> {
  const settings = settingsOf(row, surroundings(row));
  if (row.kept !== "a whole secret") {
    const kafkaParams = await referring(settings, row, values);
    if (row.kept !== "in the project") {
      referred.set(row, kafkaParams);
    }
    return { kafkaParams };
  }
  const name = `whole-${crypto.randomUUID()}`;
  wholeNames.set(row, name);
  await values.putSecret(name, textOf(settings));
  const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
  return {
    bootstrapServers: [settings["bootstrap.servers"] ?? ""],
    kafkaParamsSecret: (stack) => Secret.fromSecretPartialArn(stack, name, arn),
  };
}

const textOf = (settings: Settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

beforeAll(async () => {
  for (const [name, value] of Object.entries({ ...LOCAL_AWS, AWS_ENDPOINT_URL: endpoint })) {
    vi.stubEnv(name, value);
  }
  issuer = await startTokenIssuer(client);
  values = openLocalValues(endpoint);
  [secured, table] = await Promise.all([startSecuredBroker({ user, issuer }), createLedgerTable(endpoint)]);
  const pipelines = Object.fromEntries(
    await Promise.all(ENTRY_ROWS.map(async (row) => [nameOf(row), await propsOf(row)] as const)),
  );
  deployed = await deployPipelines({ topic: secured.topic, endpoint, ledgerTable: table.tableName, pipelines });
}, 300_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([deployed, table].map((one) => one[Symbol.asyncDispose]()));
  await Promise.all([secured.stop(), issuer.close()]);
});

test.each(ENTRY_ROWS.map((row) => [titleOf(row), row] as const))("G1: ranges read enters by %s", async (_, row) => {
  const settings = [settingsOf(row, surroundings(row)), ...(referred.has(row) ? [referred.get(row) ?? {}] : [])];

  const reads = await Promise.all(
    settings.map(async (one) => {
      const file = join(secured.folder, `${crypto.randomUUID()}.properties`);
      await writeFile(file, textOf(one));
      return runRangesHere(["read", "--command-config", file, "--range", `${secured.topic}:0:0:1`]);
    }),
  );

  for (const { code, stdout, stderr } of reads) {
    expect({ code, lines: jsonLines(stdout).length, stderr }).toEqual({
      ...{ code: 0, lines: 1 },
      stderr: expect.not.stringMatching(SECRETS),
    });
  }
});

test.each(ENTRY_ROWS.map((row) => [titleOf(row), row] as const))("G1: both functions enter by %s", async (_, row) => {
  const scheduled = await deployed.schedule(nameOf(row));

  expect(scheduled.thrown).toBeUndefined();
  expect(scheduled.result).toMatchObject({ batch: { partitions: [{ kind: "planned" }] } });

  const processed = await deployed.process(nameOf(row));

  expect(processed.thrown).toBeUndefined();
  expect(JSON.stringify(processed.result)).toContain("completed");
  expect([...scheduled.lines, ...processed.lines].join("\n")).not.toMatch(SECRETS);
});

test("no secret is in the ledger, or in what a scheduler answers and throws where it is not let in", async () => {
  const row = ENTRY_ROWS.find(({ kept }) => kept === "a whole secret") ?? expect.fail("no row has a whole secret");
  const wholeOf = (password: string) => textOf(settingsOf(row, { ...surroundings(row), user: { ...user, password } }));
  await values.changeSecret(wholeNames.get(row) ?? "", wholeOf("PLANTED-wrong"));

  const scheduled = await deployed.schedule(nameOf(row));

  expect(scheduled.thrown?.name).toBe("ConfigurationError");
  expect(JSON.stringify(scheduled)).not.toMatch(SECRETS);
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName, ConsistentRead: true }));
  expect(Items.length).toBeGreaterThanOrEqual(ENTRY_ROWS.length);
  expect(JSON.stringify(Items)).not.toMatch(SECRETS);
});

test("no secret is in the template, in an asset or in a variable", () => {
  const files = readdirSync(deployed.output, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const texts = files
    .filter(({ name }) => !name.endsWith(".map"))
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));

  expect(texts.length).toBeGreaterThan(ENTRY_ROWS.length / 2);
  // What reads keys has those words in its code.
  expect(texts.filter((text) => /PLANTED|store-secret|key-secret/.test(text))).toEqual([]);
});
