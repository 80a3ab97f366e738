// Judge params
//
// What becomes of each setting of Kafka's that somebody has at hand: taken; without
// effect, and said so in one line for all of them; or refused by its name, with a remedy.
//
//   JS1  No value that may be a secret, and no line that is not a setting, is quoted.

import { joinProblems, listNames, showName } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest-name.ts";
import { type KafkaParam, KafkaParams } from "./kafka-params.ts";
import { LIBRDKAFKA_SETTINGS } from "./librdkafka-names.ts";
import { type GivenProperty, type NamedParam, nameParams } from "./named-params.ts";
import type { SettingRule } from "./setting-rule.ts";
import { KNOWN_NAMES, ruleOf } from "./setting-rules.ts";

/** What is said beside the settings: they may repeat it, not contradict it. */
export interface GivenBeside {
  readonly bootstrapServers?: readonly string[] | undefined;
  readonly isolationLevel?: string | undefined;
  /** By what it is said. @default - the options of a command */
  readonly names?: { readonly bootstrapServers: string; readonly isolationLevel: string };
}

const OPTIONS = { bootstrapServers: "--bootstrap-servers", isolationLevel: "--isolation-level" };

export interface JudgedParams {
  readonly params: KafkaParams;
  /** A line each: what is not used and why, without a value. */
  readonly notes: readonly string[];
}

/** Throws ConfigurationError that lists every setting which is refused. */
export function judgeParams(properties: readonly GivenProperty[], given: GivenBeside): JudgedParams {
  const { params, problems } = nameParams(properties);
  const judged = params.map((param) => ({ param, verdict: judge(param, given) }));
  const refused = judged.flatMap(({ verdict }) => (typeof verdict === "string" ? [] : [verdict]));
  if (problems.length + refused.length > 0) {
    throw new ConfigurationError(describeRefused([...problems.map((problem) => ({ problem })), ...refused]));
  }
  const of = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted).map(({ param }) => param);
  const takenParams = of("taken").map(({ name, key, value }): [string, KafkaParam] => [name, { key, value }]);
  return {
    params: new KafkaParams(takenParams),
    notes: [
      ...of("overridden").map(
        ({ key }) =>
          `${key}=true is overridden by false, as Spark does: what was read is recorded by range, and no consumer group's offsets are committed`,
      ),
      ...noteOf("not used, since no consumer group is joined and none's offsets are committed", of("ofGroup")),
      ...noteOf("not used, since they change no record that is read", of("unused")),
    ],
  };
}

function noteOf(why: string, params: readonly NamedParam[]): readonly string[] {
  return params.length === 0 ? [] : [`${why}: ${listNames(params.map(({ key }) => key).toSorted())}`];
}

/** What is wrong with a setting; of one that can just be removed, and why it has to be. */
type Refused = { readonly problem: string } | Removable;

interface Removable {
  readonly name: string;
  readonly why: string;
}

/** `agreed` is what says nothing but what holds anyway. */
type Verdict = "taken" | "unused" | "ofGroup" | "overridden" | "agreed" | Refused;

/** Where all can just be removed, that is said once for all of them. */
function describeRefused(refused: readonly Refused[]): string {
  const removable = refused.filter(isRemovable);
  if (removable.length > 1 && removable.length === refused.length) {
    const names = listNames(removable.map(({ name }) => name));
    return `remove ${names}: ${joinProblems(removable.map(({ name, why }) => `${name} is refused: ${why}`))}`;
  }
  return joinProblems(
    refused.map((one) => (isRemovable(one) ? `${one.name} is refused, remove it: ${one.why}` : one.problem)),
  );
}

function isRemovable(refused: Refused): refused is Removable {
  return "why" in refused;
}

function judge(param: NamedParam, given: GivenBeside): Verdict {
  const { name, key, value } = param;
  const rule = ruleOf(name);
  if (rule === undefined) {
    return judgeUnknown(param);
  }
  if (name === "enable.auto.commit") {
    return judgeAutoCommit(param);
  }
  if (rule.here === "refused") {
    return value === "" || rule.same?.includes(value) === true
      ? "agreed"
      : { problem: `${key} is refused: ${rule.text}` };
  }
  if (rule.here === "without effect") {
    return rule.isOfGroup === true ? "ofGroup" : rule.same?.includes(value) === true ? "agreed" : "unused";
  }
  return judgeTaken(param, rule, given);
}

function judgeTaken({ name, key, value }: NamedParam, rule: SettingRule, given: GivenBeside): Verdict {
  const { names = OPTIONS } = given;
  const problem = rule.problemOf?.(value);
  if (problem !== undefined) {
    return { problem: `${key} ${problem}` };
  }
  if (name === "bootstrap.servers" && given.bootstrapServers !== undefined) {
    const isSame = value === "" || sorted(value.split(",")) === sorted(given.bootstrapServers);
    return isSame ? "agreed" : { name: key, why: `it names other brokers than ${names.bootstrapServers}` };
  }
  if (name === "isolation.level" && given.isolationLevel !== undefined) {
    const isSame = value === given.isolationLevel;
    return isSame ? "agreed" : { name: key, why: `it is not what ${names.isolationLevel} says` };
  }
  return "taken";
}

function judgeAutoCommit({ key, value }: NamedParam): Verdict {
  switch (value.toLowerCase()) {
    case "true":
      return "overridden";
    case "false":
      return "agreed";
    default:
      return { problem: `${key} is neither true nor false` };
  }
}

function judgeUnknown({ name, key, value, line }: NamedParam): Refused {
  const instead = Object.hasOwn(LIBRDKAFKA_SETTINGS, name) ? LIBRDKAFKA_SETTINGS[name] : undefined;
  if (instead !== undefined) {
    return { problem: `${key} is librdkafka's, and Kafka's own clients have ${instead}` };
  }
  const meant = nearestName(name, KNOWN_NAMES);
  const isName = meant !== undefined || (value !== "" && /^[a-z]{2,20}([._-][a-z0-9]{1,20}){1,8}$/.test(name));
  if (!isName && line === undefined) {
    return { problem: `${showName(key)} is no setting that is understood` };
  }
  if (!isName) {
    const rule = "a value goes on only behind a backslash at its line's end";
    return { problem: `line ${line} is no setting that is understood; ${rule}` };
  }
  return meant === undefined
    ? { name: key, why: "it is not understood" }
    : { problem: `${key} is not understood; was ${meant} meant?` };
}

function sorted(servers: readonly string[]): string {
  return [...new Set(servers.map((server) => server.trim()))].toSorted().join();
}
