// Pipeline alarms
//
// Tells when a pipeline needs somebody: each alarm's description says what to look at.
// A fault shows once per scheduler run, so what a run measures is judged by the
// interval between runs, and a run that comes a little late may leave an interval empty.
//
//   PA1  An interval without data changes nothing (ignored), except where silence is the fault.
//   PA2  What a fault repeats is judged by three of four intervals, so that one empty one hides nothing.
//
// Bounds of periods and evaluation: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

const MINUTE_MS = 60_000;

/** SQS tells the size and the age of a queue once a minute. */
const QUEUE_PERIOD = Duration.minutes(1);

/** Of the 14 days that the queues keep a message, the last four are left to act. */
const MAX_MESSAGE_AGE = Duration.days(10);

/** Failures of what goes on failing, and of how many intervals. */
const REPEATED = { datapoints: 3, periods: 4 } as const;
/** Kafka's default for `transaction.max.timeout.ms`. */
const LONGEST_TRANSACTION = Duration.minutes(15);

/** The scheduler looks for open transactions every five minutes. */
const TRANSACTION_PERIOD = Duration.minutes(5);

/** Nor do manifests come more often. */
const MANIFEST_PERIOD = Duration.minutes(5);

export interface PipelineAlarmsProps {
  /** How often the scheduler runs, in whole minutes; at most a day. */
  readonly batchInterval: Duration;
  /** What was not dispatched is dispatched again after this time. */
  readonly dispatchTimeout: Duration;
  /** How old an open range may get. */
  readonly maxOpenRangeAge: Duration;
  /** Whether the schedule runs the scheduler: only then is its silence a fault. */
  readonly isScheduled: boolean;
  readonly schedulerRuns: Metric;
  readonly schedulerErrors: Metric;
  readonly schedulerThrottles: Metric;
  readonly processorThrottles: Metric;
  /** Of each processor function beside the default one, with its variant's name. */
  readonly variantThrottles: readonly (readonly [name: string, throttles: Metric])[];
  /** Absent where nothing writes manifests. */
  readonly manifestErrors: Metric | undefined;
  readonly dispatchesFailed: Metric;
  readonly partitionsStuck: Metric;
  /** In milliseconds. */
  readonly oldestOpenRangeAge: Metric;
  readonly offsetsLost: Metric;
  readonly onFailureMessages: Metric;
  /** How many wait in a queue; how many were written, where they go elsewhere. */
  readonly deadLetters: Metric;
  /** In seconds; only of a queue, which drops what is too old. */
  readonly oldestDeadLetterAge: Metric | undefined;
  /** In milliseconds. */
  readonly oldestOpenTransactionAge: Metric;
  readonly alarmTopic: ITopic | undefined;
}

interface AlarmRule {
  readonly description: string;
  readonly metric: Metric;
  readonly period: Duration;
  /** @default 1 */
  readonly threshold?: number;
  /** @default 1 */
  readonly periods?: number;
  /** Of the periods, how many have to breach. @default all of them */
  readonly datapoints?: number;
  readonly missing: TreatMissingData;
  readonly isBelow?: boolean;
}

/** One alarm per kind of fault. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const rules = { ...schedulerRules(props), ...rangeRules(props), ...queueRules(props), ...manifestRules(props) };
    for (const [name, rule] of Object.entries(rules)) {
      const alarm = this.#alarm(name, rule);
      if (props.alarmTopic !== undefined) {
        alarm.addAlarmAction(new SnsAction(props.alarmTopic));
      }
    }
  }

  #alarm(id: string, { metric, period, threshold = 1, periods = 1, ...rule }: AlarmRule): Alarm {
    return new Alarm(this, id, {
      alarmDescription: rule.description,
      metric: metric.with({ period }),
      threshold,
      comparisonOperator: rule.isBelow
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: rule.datapoints ?? periods,
      treatMissingData: rule.missing,
    });
  }
}

function schedulerRules(props: PipelineAlarmsProps): Record<string, AlarmRule> {
  const period = props.batchInterval;
  const repeated = { ...REPEATED, period, missing: TreatMissingData.NOT_BREACHING };
  const failing: Record<string, AlarmRule> = {
    SchedulerErrors: {
      ...repeated,
      description: "The scheduler goes on failing: nothing is planned; see its log.",
      metric: props.schedulerErrors,
    },
    SchedulerThrottles: {
      ...repeated,
      description: "Lambda throttles the scheduler: the account's concurrency, or its reserved one, is used up.",
      metric: props.schedulerThrottles,
    },
  };
  return props.isScheduled
    ? {
        ...failing,
        SchedulerSilent: {
          description:
            "No run of the scheduler did its batch for three intervals: its schedule is off, it may not be invoked, is throttled, or fails.",
          metric: props.schedulerRuns,
          period,
          periods: 3,
          missing: TreatMissingData.BREACHING,
          isBelow: true,
        },
      }
    : failing;
}

function rangeRules(props: PipelineAlarmsProps): Record<string, AlarmRule> {
  const { batchInterval, dispatchTimeout } = props;
  const eachRun = { period: batchInterval, missing: TreatMissingData.IGNORE };
  return {
    PartitionsStuck: {
      ...eachRun,
      description: "A partition is halted or held: `ranges status` shows which and why.",
      metric: props.partitionsStuck,
    },
    OldestOpenRange: {
      ...eachRun,
      description: "A range has been open for too long: `ranges status` shows which and why.",
      metric: props.oldestOpenRangeAge,
      threshold: props.maxOpenRangeAge.toMilliseconds(),
    },
    OpenTransaction: {
      description:
        "A transaction has been open for longer than brokers let one be, and holds records back: `ranges status` names it.",
      metric: props.oldestOpenTransactionAge,
      period: TRANSACTION_PERIOD,
      threshold: LONGEST_TRANSACTION.toMilliseconds(),
      missing: TreatMissingData.IGNORE,
    },
    OffsetsLost: {
      description: "The log no longer held records that were still to be processed: see the ledger's LOST ranges.",
      metric: props.offsetsLost,
      period: batchInterval,
      missing: TreatMissingData.NOT_BREACHING,
    },
    DispatchesFailed: {
      description:
        "Ranges are planned and no processor is invoked for them: see the scheduler's log for the reason (a permission, an endpoint, throttling).",
      metric: props.dispatchesFailed,
      // The same partition fails again only once its dispatch is overdue, and a run has seen that.
      period: wholeMinutes(dispatchTimeout.toMilliseconds() + 2 * batchInterval.toMilliseconds()),
      periods: 2,
      missing: TreatMissingData.NOT_BREACHING,
    },
    ...throttleRules(props),
  };
}

function throttleRules(props: PipelineAlarmsProps): Record<string, AlarmRule> {
  const rule = {
    ProcessorThrottles: {
      description: "Lambda goes on throttling the processors: raise maxConcurrency or the account's limit.",
      metric: props.processorThrottles,
      ...REPEATED,
      period: props.batchInterval,
      missing: TreatMissingData.NOT_BREACHING,
    },
  };
  const variants = props.variantThrottles.map(([name, metric]) => {
    const description = `Lambda goes on throttling the processors of ${name}: raise its maxConcurrency or the account's limit.`;
    return [`ProcessorThrottles-${name}`, { ...rule.ProcessorThrottles, description, metric }] as const;
  });
  return { ...rule, ...Object.fromEntries(variants) };
}

function queueRules({ oldestDeadLetterAge, ...props }: PipelineAlarmsProps): Record<string, AlarmRule> {
  const ofQueue = { period: QUEUE_PERIOD, missing: TreatMissingData.NOT_BREACHING };
  return {
    OnFailureQueue: {
      ...ofQueue,
      description: "A processor died or its outcome could not be recorded: see the on-failure queue.",
      metric: props.onFailureMessages,
    },
    DeadLetters: {
      ...ofQueue,
      description: "Records were quarantined or rejected: see the pipeline's dead-letter target.",
      metric: props.deadLetters,
    },
    ...(oldestDeadLetterAge === undefined
      ? {}
      : {
          DeadLettersExpiring: {
            ...ofQueue,
            description: "A dead letter is ten days old: the queue drops it after fourteen.",
            metric: oldestDeadLetterAge,
            threshold: MAX_MESSAGE_AGE.toSeconds(),
          },
        }),
  };
}

function manifestRules({ manifestErrors }: PipelineAlarmsProps): Record<string, AlarmRule> {
  return manifestErrors === undefined
    ? {}
    : {
        ManifestErrors: {
          ...REPEATED,
          description: "Finished batches get no manifests: see the log of the function that writes them.",
          metric: manifestErrors,
          period: MANIFEST_PERIOD,
          missing: TreatMissingData.NOT_BREACHING,
        },
      };
}

/** CloudWatch takes periods of whole minutes, up to a day. */
function wholeMinutes(ms: number): Duration {
  return Duration.minutes(Math.min(Math.ceil(ms / MINUTE_MS), Duration.days(1).toMinutes()));
}
