import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

/** Kafka's default for `transaction.max.timeout.ms`. */
const LONGEST_TRANSACTION = Duration.minutes(15);

export interface PipelineAlarmsProps {
  readonly partitionsStuck: Metric;
  readonly schedulerErrors: Metric;
  readonly onFailureMessages: Metric;
  readonly deadLetters: Metric;
  readonly offsetsLost: Metric;
  readonly oldestOpenTransactionAge: Metric;
  readonly alarmTopic: ITopic | undefined;
}

/** Tells when a pipeline needs somebody: each alarm's description says what to look at. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const alarms = [
      this.#alarm("PartitionsStuck", props.partitionsStuck, {
        description: "A partition is halted or held: `ranges status` shows which and why.",
        periods: 1,
      }),
      this.#alarm("SchedulerErrors", props.schedulerErrors, {
        description: "The scheduler fails three minutes in a row: nothing is planned; see its log.",
        periods: 3,
      }),
      this.#alarm("OnFailureQueue", props.onFailureMessages, {
        description: "A processor died or its outcome could not be recorded: see the on-failure queue.",
        periods: 1,
      }),
      this.#alarm("DeadLetters", props.deadLetters, {
        description: "Records were quarantined or rejected: they wait in the dead-letter queue.",
        periods: 1,
      }),
      this.#alarm("OffsetsLost", props.offsetsLost, {
        description: "The log no longer held records that were still to be processed: see the ledger's LOST ranges.",
        periods: 1,
      }),
    ];
    alarms.push(this.#transactionAlarm(props.oldestOpenTransactionAge));
    const { alarmTopic } = props;
    if (alarmTopic === undefined) {
      return;
    }
    for (const alarm of alarms) {
      alarm.addAlarmAction(new SnsAction(alarmTopic));
    }
  }

  /** The scheduler measures every five minutes; what it has no measure of is as it was. */
  #transactionAlarm(age: Metric): Alarm {
    return new Alarm(this, "OpenTransaction", {
      alarmDescription:
        "A transaction has been open for longer than brokers let one be, and holds records back: `ranges status` names it.",
      metric: age.with({ period: Duration.minutes(5) }),
      threshold: LONGEST_TRANSACTION.toMilliseconds(),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  #alarm(id: string, metric: Metric, { description, periods }: { description: string; periods: number }): Alarm {
    return new Alarm(this, id, {
      alarmDescription: description,
      metric: metric.with({ period: Duration.minutes(1) }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
