import { expect, test } from "vitest";
import { SchemaRegistryError, UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { createGuidRoute } from "../../../../../shared/schemas/confluent/guid-route.ts";
import { UnknownPathError } from "../../../../../shared/schemas/confluent/registry-calls.ts";
import { GUID_PROOFS, UNKNOWN_SCHEMA_TTL_MS } from "../../../../../shared/schemas/limits.ts";
import { UnknownSchemaError } from "../../../../../shared/schemas/unknown-schemas.ts";
import { aPatience } from "../../../../support/schemas/patience.ts";

const GUID = "42479af4-853a-4767-88d6-21c7080bf8bd";
const OTHER = "00000000-853a-4767-88d6-21c7080bf8bd";
const address = new URL("http://127.0.0.1/");

type Says = "schema" | "unknown schema" | "unknown path" | "down";

/** What answers a question of a kind by how many of that kind came before it; the last answer stays. */
function aRoute(guids: readonly Says[], ids: readonly Says[]) {
  const asked: string[] = [];
  const patience = aPatience();
  const ask = async (path: string, at?: URL) => {
    const kind = path.startsWith("/schemas/guids/") ? "guid" : "id";
    const answers = kind === "guid" ? guids : ids;
    const before = asked.filter((other) => other.startsWith(kind)).length;
    asked.push(at === undefined ? kind : `${kind} at ${at.host}`);
    const says = answers[before] ?? answers.at(-1);
    switch (says) {
      case "unknown schema":
        throw new UnknownSchemaError(says);
      case "unknown path":
        throw new UnknownPathError(says, address);
      case "down":
        throw new SchemaRegistryError(says);
      default:
        return says;
    }
  };
  return { askForGuid: createGuidRoute(ask, patience), asked, patience };
}

test("GUR1: a registry that answers for ids and has no path for GUIDs holds them against their records", async () => {
  const { askForGuid, asked } = aRoute(["unknown path"], ["unknown schema"]);

  await expect(askForGuid(GUID)).rejects.toThrow(UndecodableError);
  await expect(askForGuid(OTHER)).rejects.toThrow(OTHER);

  const proof = ["id at 127.0.0.1", "guid at 127.0.0.1"];
  expect(asked).toEqual(["guid", ...Array.from({ length: GUID_PROOFS }, () => proof).flat()]);
});

test("GUR1: so it does for many that are asked for at a time, by one proof", async () => {
  const { askForGuid, asked } = aRoute(["unknown path"], ["schema"]);

  const answers = await Promise.allSettled(Array.from({ length: 100 }, () => askForGuid(GUID)));

  expect(answers.every(({ status }) => status === "rejected")).toBe(true);
  expect(asked.filter((what) => what.includes(" at ")).length).toBe(2 * GUID_PROOFS);
});

test.each([
  ["answers 404 to everything", ["unknown path"], ["unknown path"]],
  ["is down once an id is asked for", ["unknown path"], ["down"]],
  ["answers an id once, and then 404", ["unknown path"], ["unknown schema", "unknown path"]],
  ["knows the GUID when it is asked again", ["unknown path", "unknown schema"], ["unknown schema"]],
  ["is down", ["down"], ["unknown schema"]],
] as const)("GUR2: whoever %s is an outage", async (_, guids, ids) => {
  const { askForGuid } = aRoute(guids, ids);

  await expect(askForGuid(GUID)).rejects.toThrow(SchemaRegistryError);
});

test.each(["schema", "unknown schema"] as const)(
  "GUR2: a path that answered before, as with %s, is an outage once it is gone",
  async (before) => {
    const { askForGuid, asked } = aRoute([before, "unknown path"], ["unknown schema"]);

    await askForGuid(GUID).catch(() => {});
    await expect(askForGuid(OTHER)).rejects.toThrow(UnknownPathError);

    expect(asked).toEqual(["guid", "guid"]);
  },
);

test("GUR3: that a registry knows no GUIDs is found out anew after a while", async () => {
  const { askForGuid, asked, patience } = aRoute(
    [...Array.from({ length: 1 + GUID_PROOFS }, (): Says => "unknown path"), "schema"],
    ["unknown schema"],
  );

  await expect(askForGuid(GUID)).rejects.toThrow(UndecodableError);
  await patience.pause(UNKNOWN_SCHEMA_TTL_MS - 1);
  await expect(askForGuid(GUID)).rejects.toThrow(UndecodableError);
  const asksBefore = asked.length;
  await patience.pause(1);

  expect(await askForGuid(GUID)).toBe("schema");
  expect(asked.length).toBe(asksBefore + 1);
});
