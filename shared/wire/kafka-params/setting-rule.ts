// Setting rule: what becomes of one of Kafka's settings here.

import { quote } from "../../core/bounded-text.ts";

export interface SettingRule {
  /**
   * A setting without effect changes no record that is read; one that would be missed, because it decides about
   * security, about an identity or about what is read, is refused.
   */
  readonly here: "taken" | "without effect" | "refused";
  /** Without its end: what is made of it, why it does nothing, or why it is refused and what helps. */
  readonly text: string;
  /** Values that say what holds here anyway, Kafka's default among them: nothing is said of them. @default none */
  readonly same?: readonly string[];
  /** Of a consumer group, which nothing here joins. */
  readonly isOfGroup?: true;
  /** What is wrong with a value that is taken: the end of a sentence that begins with its name. @default nothing */
  readonly problemOf?: (value: string) => string | undefined;
}

export type SettingRules = Readonly<Record<string, SettingRule>>;

type Details = Pick<SettingRule, "same" | "problemOf">;

export function taken(text: string, details: Details = {}): SettingRule {
  return { here: "taken", text, ...details };
}

export function withoutEffect(text: string, ...same: readonly string[]): SettingRule {
  return { here: "without effect", text, ...(same.length > 0 ? { same } : {}) };
}

export function ofGroup(): SettingRule {
  return {
    here: "without effect",
    text: "no consumer group is joined, and none's offsets are committed",
    isOfGroup: true,
  };
}

export function refused(text: string, ...same: readonly string[]): SettingRule {
  return { here: "refused", text, ...(same.length > 0 ? { same } : {}) };
}

/** Of Java. */
const MAX_INT = 2_147_483_647;

/** A whole number that Kafka's own type and bounds take. */
export function wholeNumber(min: number): Details {
  return {
    problemOf: (value) =>
      /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= MAX_INT
        ? undefined
        : `${quote(value)} is not a whole number from ${min} to ${MAX_INT}`,
  };
}

export function oneOf(values: readonly string[], remedy = ""): Details {
  return {
    problemOf: (value) =>
      values.includes(value) ? undefined : `${quote(value)} is not ${values.join(" or ")}${remedy}`,
  };
}
