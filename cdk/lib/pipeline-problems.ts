import { encodingProblems } from "../../shared/wire/environment/environment-problems.ts";
import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { settleKafka } from "./kafka/msk-brokers.ts";
import { clusterProblems } from "./kafka/msk-listener.ts";
import { paramProblems, withSaid } from "./kafka/params/settle-params.ts";
import { letterConfig } from "./letters/dead-letter-target.ts";
import { locationProblems } from "./location/location-rules.ts";
import { processorConfig } from "./processor-function.ts";
import { findPropProblems } from "./props/prop-rules.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { rangePipelineRules } from "./range-pipeline-rules.ts";
import { resolveProps, sharedConfig } from "./resolve-props.ts";
import { schedulerConfig } from "./scheduler-function.ts";

/** In place of what CloudFormation names: it has no part in what may be wrong. */
const NAMED_LATER = "named-later";
const NAMED_LATER_BROKERS = `${NAMED_LATER}:9098`;

/** Exactly one of them is given: what is wrong with one says nothing of the others. */
const SOURCES: readonly string[] = ["topics", "topicPattern", "assign", "strategyEntry"];

/** All that is wrong with a pipeline's props: with each by itself, and what the functions would refuse of the others. */
export function pipelineProblems(props: RangePipelineProps, pipelineName: string): readonly string[] {
  const byThemselves = findPropProblems(props, rangePipelineRules);
  const alone = without(props, new Set(byThemselves.map(({ prop }) => prop)));
  const ofParams = paramProblems(alone);
  // What is refused of Kafka's settings may have named the brokers.
  const mayBeNamed = props.bootstrapServers === undefined && ofParams.length > 0;
  const contradictions = [...ofParams, ...clusterProblems(withSaid(props))].filter(
    ({ prop }) => !byThemselves.some((one) => one.prop === prop) && !(mayBeNamed && prop === "bootstrapServers"),
  );
  const wrong = [...byThemselves, ...contradictions, ...locationProblems(withSaid(alone))];
  const names = new Set(wrong.map(({ prop }) => prop));
  const isSettled = (key: string) =>
    names.has(propOf(key)) ||
    (key === "topics" && SOURCES.some((one) => names.has(one))) ||
    (key === "bootstrapServers" && names.has("kafkaParams"));
  const refused = refusedByFunctions(without(props, names), pipelineName).filter(
    ({ key }) => key === undefined || !isSettled(key),
  );
  return [...wrong, ...refused].map(({ message }) => message);
}

function refusedByFunctions(given: RangePipelineProps, pipelineName: string) {
  const said = withSaid(given);
  const props = resolveProps(
    said,
    settleKafka(said, () => NAMED_LATER_BROKERS),
  );
  const config = sharedConfig(props, pipelineName, NAMED_LATER);
  const scheduler = schedulerConfig(props, config, {
    processorFunction: NAMED_LATER,
    variantFunctions: new Map(),
  });
  const processor = processorConfig(
    props,
    config,
    letterConfig(props.deadLetterTarget, () => NAMED_LATER),
  );
  return [
    ...encodingProblems(schedulerEnvironment, scheduler, shownName),
    ...encodingProblems(processorEnvironment, processor, shownName),
  ];
}

/** What is wrong by itself is left to its default, so that the others can be judged. */
function without(props: RangePipelineProps, names: ReadonlySet<string>): RangePipelineProps {
  // A required one is missed by the environment's schema, and not told twice.
  return Object.fromEntries(
    Object.entries(props).filter(([name]) => !names.has(name)),
  ) as unknown as RangePipelineProps;
}

/** The prop that a key of the functions' configuration comes from. */
function propOf(key: string): string {
  if (key.startsWith("deadLetter")) {
    return "deadLetterTarget";
  }
  return key in rangePipelineRules ? key : shownName(key).replace(/Ms$|(?<=^sasl)(Mechanism|Secret)$/, "");
}

function shownName(key: string): string {
  return SHOWN_NAMES[key] ?? key;
}

const SHOWN_NAMES: Readonly<Record<string, string>> = {
  pipeline: "pipelineName",
  deadLetterBucket: "deadLetterTarget.bucket",
  deadLetterPrefix: "deadLetterTarget.prefix",
  deadLetterTopic: "deadLetterTarget.topic",
};
