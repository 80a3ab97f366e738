import { expect, test } from "vitest";
import { mergeTemplates } from "../../../cdk/lib/template/merge-templates.ts";
import type { TemplateObject } from "../../../cdk/lib/template/template-value.ts";
import { evaluateTemplate } from "../../support/release/evaluate-template.ts";

const role = (...statements: readonly string[]) => ({ Type: "Role", Properties: { Statement: statements } });
const queue = (properties: TemplateObject = { Size: 1 }) => ({ Type: "Queue", Properties: properties });
const resources = (Resources: TemplateObject) => ({ Resources });

const BASE = resources({ Role: role("logs", "ledger"), Queue: queue(), Own: queue() });

const PARTS = {
  Vpc: resources({ Role: role("network", "logs", "ledger"), Queue: queue({ Size: 1, Vpc: "a" }), Own: queue() }),
  Secret: resources({ Role: role("logs", "secret", "ledger"), Queue: queue(), Own: queue() }),
  Key: resources({ Role: role("logs", "secret", "key", "ledger"), Queue: queue(), Own: queue() }),
  Small: resources({ Role: role("logs", "ledger"), Queue: queue({}), Own: queue() }),
  Shared: resources({ Role: role("logs", "shared"), Queue: queue(), Topic: queue() }),
} as const;

const CHOICES = { Vpc: "network", Secret: "entry", Key: "entry", Small: "size", Shared: "ledger" } as const;

const merged = mergeTemplates(
  BASE,
  Object.entries(PARTS).map(([condition, template]) => ({
    condition,
    template,
    choice: CHOICES[condition as keyof typeof CHOICES],
  })),
);

function withConditions(wanted: readonly string[]): TemplateObject {
  const own = Object.keys(PARTS).map((name) => [name, { "Fn::Equals": [String(wanted.includes(name)), "true"] }]);
  const Conditions = { ...Object.fromEntries(own), ...merged.conditions };
  return evaluateTemplate({ Conditions, ...merged.template }).Resources;
}

test.each([{ wanted: [], whole: BASE }, ...Object.entries(PARTS).map(([name, whole]) => ({ wanted: [name], whole }))])(
  "MT1: with $wanted it is the template that was made with it",
  ({ wanted, whole }) => {
    expect(withConditions(wanted)).toEqual(evaluateTemplate(whole).Resources);
  },
);

test("MT1: parts of different choices are wanted together", () => {
  expect(withConditions(["Vpc", "Key", "Shared"])).toEqual(
    evaluateTemplate(
      resources({
        Role: role("network", "logs", "secret", "key", "shared"),
        Queue: queue({ Size: 1, Vpc: "a" }),
        Topic: queue(),
      }),
    ).Resources,
  );
});

test("what no part changes is there without a condition", () => {
  const { template } = mergeTemplates(BASE, [{ condition: "Same", choice: "none", template: BASE }]);

  expect(template).toEqual(BASE);
});

test("MT2: what two choices change differently is refused, by its place", () => {
  const part = (condition: string, Size: number) => ({
    condition,
    choice: condition,
    template: resources({ ...BASE.Resources, Queue: queue({ Size }) }),
  });

  expect(() => mergeTemplates(BASE, [part("Large", 3), part("Huge", 4)])).toThrow(
    "Resources.Queue.Properties.Size cannot depend on Large and Huge",
  );
});

test("MT2: what CloudFormation lets nobody choose is refused", () => {
  const template = resources({ ...BASE.Resources, Queue: { ...queue(), DependsOn: ["Role"] } });

  expect(() => mergeTemplates(BASE, [{ condition: "Late", choice: "late", template }])).toThrow(
    "Resources.Queue.DependsOn cannot depend on Late",
  );
});
