import { type Duration, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, type ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { Construct } from "constructs";

export interface ScheduledRun {
  /** In whole minutes. */
  readonly interval: Duration;
  readonly description: string;
  /** @default true */
  readonly enabled?: boolean;
  readonly input?: ScheduleTargetInput;
  /** What is not run within it is left to the next. */
  readonly maxEventAge: Duration;
}

/** Makes the schedule, and the role that may invoke the function: each run once, since the next does what it did not. */
export function runOnSchedule(scope: Construct, handler: LambdaFunction, run: ScheduledRun): void {
  const { interval, description, enabled = true, input, maxEventAge } = run;
  new Schedule(scope, "Schedule", {
    schedule: ScheduleExpression.rate(interval),
    description,
    enabled,
    target: new LambdaInvoke(handler, {
      role: scheduleRole(scope, handler).withoutPolicyUpdates(),
      ...(input === undefined ? {} : { input }),
      retryAttempts: 0,
      maxEventAge,
    }),
  });
}

/** May invoke the function itself; the target would grant each of its versions and aliases. */
function scheduleRole(scope: Construct, handler: LambdaFunction): Role {
  const stack = Stack.of(scope);
  const group = stack.formatArn({ service: "scheduler", resource: "schedule-group", resourceName: "default" });
  const role = new Role(scope, "ScheduleRole", {
    // Against a confused deputy: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": stack.account, "aws:SourceArn": group } },
    }),
  });
  handler.grantInvokeLatestVersion(role);
  return role;
}
