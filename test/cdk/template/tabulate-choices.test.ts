import { expect, test } from "vitest";
import { placeChoices, tabulateChoices } from "../../../cdk/lib/template/tabulate-choices.ts";
import type { TemplateObject } from "../../../cdk/lib/template/template-value.ts";

const made = (minutes: number) => ({
  Rate: `rate(${minutes})`,
  Alarms: [{ Period: minutes * 60 }, { Period: minutes * 60 + 120 }],
  Fixed: 7,
});
const CHOICES: ReadonlyMap<string, TemplateObject> = new Map([
  ["1", made(1)],
  ["5", made(5)],
]);

test("what differs by the choice is looked up in a table, a column for whatever differs alike", () => {
  const table = tabulateChoices("Minutes", CHOICES);
  const look = (column: string) => ({ "Fn::FindInMap": ["Minutes", { Ref: "Minutes" }, column] });

  expect(table.mappings).toEqual({
    Minutes: {
      1: { Rate: "rate(1)", Period: "60", "1Period": "180" },
      5: { Rate: "rate(5)", Period: "300", "1Period": "420" },
    },
  });
  expect(placeChoices({ ...made(1), More: true }, made(1), table)).toEqual({
    Rate: look("Rate"),
    Alarms: [{ Period: look("Period") }, { Period: look("1Period") }],
    Fixed: 7,
    More: true,
  });
});

test("what differs by more than values has no table", () => {
  expect(() => tabulateChoices("Minutes", new Map([...CHOICES, ["60", { ...made(60), Rate: ["rate"] }]]))).toThrow(
    "Rate differs by more than a value",
  );
});

test("what a condition has changed already is not overwritten", () => {
  const changed = { ...made(1), Rate: { "Fn::If": ["Off", "never", "rate(1)"] } };

  expect(() => placeChoices(changed, made(1), tabulateChoices("Minutes", CHOICES))).toThrow(
    "Rate is chosen by a parameter and by a condition",
  );
});
