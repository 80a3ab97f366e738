// Settle params
//
// What a pipeline's kafkaParams come to: props that they say instead, settings that travel in
// the functions' environment, and files that travel with their code. They are judged by the
// rules of a command's --command-config, and no secret is among what travels.

import { listNames } from "../../../../shared/core/bounded-text.ts";
import { omitUndefined } from "../../../../shared/core/omit-undefined.ts";
import { parseBootstrapServer, serversToJudge } from "../../../../shared/core/source/bootstrap-server.ts";
import { fetchSettingsOf } from "../../../../shared/wire/kafka-params/fetch-settings.ts";
import { type JudgedParams, judgeParams } from "../../../../shared/wire/kafka-params/judge-params.ts";
import type { KafkaParams } from "../../../../shared/wire/kafka-params/kafka-params.ts";
import { loginOf } from "../../../../shared/wire/login/login.ts";
import { protocolOf } from "../../../../shared/wire/login/security-protocol.ts";
import { isReference } from "../../../../shared/wire/param-references/param-reference.ts";
import type { ParamsVariable } from "../../../../shared/wire/param-references/params-variable.ts";
import { plainSecrets } from "../../../../shared/wire/param-references/secret-settings.ts";
import type { PropProblem } from "../../props/prop-rules.ts";
import { entersByRoles } from "./entry-said.ts";
import { type GivenParam, messageOf, readGivenParams, referenceOf } from "./given-params.ts";
import type { ParamFile } from "./param-files.ts";
import { placeParams } from "./place-params.ts";
import { type PropsBeside, saidByParams } from "./said-by-params.ts";

export interface SettledParams {
  /** What the settings say in place of props. */
  readonly said: Partial<PropsBeside>;
  /** Absent where the props say it all. */
  readonly variable?: ParamsVariable;
  readonly files: readonly ParamFile[];
  /** Whether a store of PKCS #12 may have to be read. */
  readonly mayNeedPkcs12: boolean;
  /** A line each: what is not used and why. */
  readonly notes: readonly string[];
}

type Settlement =
  | { readonly kind: "settled"; readonly settled: SettledParams }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

const NAMES = { bootstrapServers: "bootstrapServers", isolationLevel: "isolationLevel" };

/** Undefined where no Kafka settings are given. */
function settleParams(given: PropsBeside): Settlement | undefined {
  const props = withMskSasl(given);
  const { kafkaParams, kafkaParamsSecret } = props;
  if (kafkaParams === undefined && kafkaParamsSecret === undefined) {
    return undefined;
  }
  const read = readGivenParams(kafkaParams ?? {});
  const judged = judge(read.params, props);
  if (typeof judged === "string" || read.problems.length > 0) {
    return refuse([...read.problems, ...(typeof judged === "string" ? [judged] : [])]);
  }
  const partsOf = partsByName(read.params, judged.params);
  const problems = [
    ...misplacedReferences(judged.params, partsOf),
    ...secretsInClear(judged.params, partsOf),
    ...saidByParams(judged.params, props).problems,
  ];
  if (problems.length > 0) {
    return refuse(problems);
  }
  const placed = placeParams(judged.params, partsOf, props);
  const entering = [
    ...placed.problems,
    ...(placed.problems.length > 0 ? [] : entryProblems(judged.params, partsOf, props)),
  ];
  if (entering.length > 0) {
    return refuse(entering);
  }
  const whole = kafkaParamsSecret === undefined ? undefined : referenceOf({ secret: kafkaParamsSecret });
  const fetching = fetchSettingsOf(judged.params);
  const isNeeded = Object.keys(placed.params).some((key) => !placed.isProtocol(key)) || whole !== undefined;
  const variable = {
    params: placed.params,
    ...omitUndefined({ whole }),
    ...(Object.keys(fetching).length > 0 ? { fetching } : {}),
  };
  return {
    kind: "settled",
    settled: {
      said: saidByParams(judged.params, props).said,
      ...(isNeeded || variable.fetching !== undefined ? { variable } : {}),
      files: placed.files,
      mayNeedPkcs12: placed.mayNeedPkcs12 || whole !== undefined,
      notes: judged.notes,
    },
  };
}

/** A cluster of MSK is entered by the functions' roles, unless the props or the settings say something else. */
function withMskSasl(props: PropsBeside): PropsBeside {
  const isByRoles = props.mskCluster !== undefined && props.sasl === undefined && entersByRoles(props);
  return isByRoles ? { ...props, sasl: { mechanism: "AWS_MSK_IAM" } } : props;
}

/** What of the settings cannot be used. */
export function paramProblems(props: PropsBeside): readonly PropProblem[] {
  const settlement = settleParams(props);
  const problems = settlement?.kind === "refused" ? settlement.problems : [];
  return problems.map((message) => ({ prop: "kafkaParams", message }));
}

/** The props with what the settings say in place of them. */
export function withSaid<Props extends PropsBeside>(props: Props): Props {
  const settlement = settleParams(props);
  return settlement?.kind === "settled" ? { ...props, ...settlement.settled.said } : props;
}

/** Of props whose settings were found to be right. */
export function settledParams(props: PropsBeside): SettledParams | undefined {
  const settlement = settleParams(props);
  return settlement?.kind === "settled" ? settlement.settled : undefined;
}

function refuse(problems: readonly string[]): Settlement {
  return { kind: "refused", problems: problems.map((problem) => `kafkaParams: ${problem}`) };
}

/** Or what is wrong with them. */
function judge(params: readonly GivenParam[], props: PropsBeside): JudgedParams | string {
  try {
    const { bootstrapServers, isolationLevel } = props;
    const servers = Array.isArray(bootstrapServers) ? bootstrapServers : undefined;
    return judgeParams(params, { bootstrapServers: servers, isolationLevel, names: NAMES });
  } catch (error) {
    return messageOf(error);
  }
}

type PartsOf = (name: string) => GivenParam["parts"];

/** By Kafka's names, of those that are taken. */
function partsByName(given: readonly GivenParam[], params: KafkaParams): PartsOf {
  const byKey = new Map(given.map(({ key, parts }) => [key, parts]));
  return (name) => byKey.get(params.called(name)) ?? [];
}

/** What only the functions read can say nothing that has to be known where the stack is synthesized. */
function misplacedReferences(params: KafkaParams, partsOf: PartsOf): readonly string[] {
  const misplaced = params
    .names()
    .filter((name) => !REFERABLE.test(name) && partsOf(name).some((part) => typeof part !== "string"));
  return misplaced.map(
    (name) => `${params.called(name)} has to be known where the app is synthesized: give its value, not a reference`,
  );
}

const REFERABLE =
  /^(?:ssl\.(?:key|trust)store\.(?:location|password|key|certificates|certificate\.chain)|ssl\.key\.password|sasl\.jaas\.config|sasl\.oauthbearer\.(?:client\.credentials\.client\.(?:id|secret)|scope|token\.endpoint\.url))$/;

function secretsInClear(params: KafkaParams, partsOf: PartsOf): readonly string[] {
  try {
    const found = params.names().flatMap((name) => plainSecrets(name, params.called(name), partsOf(name)));
    const remedy = `put it into a secret and refer to that: { secret, field }, or \${secretsmanager:NAME:FIELD} within a text`;
    return found.length === 0
      ? []
      : [`${listNames(found)} would stand in the template in clear; ${remedy}, or give the whole by kafkaParamsSecret`];
  } catch (error) {
    return [messageOf(error)];
  }
}

/** How protocol, mechanism and login module belong together, unless a secret says more of them. */
function entryProblems(params: KafkaParams, partsOf: PartsOf, props: PropsBeside): readonly string[] {
  if (props.kafkaParamsSecret !== undefined) {
    return [];
  }
  try {
    const { securityProtocol, sasl } = saidByParams(params, props).effective;
    const protocol =
      params.has("security.protocol") || securityProtocol === undefined ? protocolOf(params) : securityProtocol;
    const servers = props.bootstrapServers ?? params.get("bootstrap.servers")?.split(",") ?? [];
    for (const server of serversToJudge(servers)) {
      if (!server.includes("${Token[")) {
        parseBootstrapServer(server, protocol);
      }
    }
    if (!protocol.startsWith("SASL_") || sasl !== undefined || isKept(params, partsOf)) {
      return [];
    }
    const login = loginOf(params);
    return login.kind === "iam"
      ? [
          `${params.called("sasl.mechanism")} ${login.mechanism} signs with the functions' own roles: give sasl: { mechanism: "AWS_MSK_IAM", clusterArn } beside it, which lets them in`,
        ]
      : [];
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Where all of it is referred to, only the functions can judge the login. */
function isKept(params: KafkaParams, partsOf: PartsOf): boolean {
  const parts = partsOf("sasl.jaas.config");
  return params.get("sasl.mechanism") !== "AWS_MSK_IAM" && parts.length > 0 && parts.every(isReference);
}
