import { CfnOutput, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import type { RangePipeline } from "../range-pipeline.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";
import { projectPath } from "../runtime-function.ts";

/** The shipped example's code, and the table that it counts in, one of the stack. */
export function wordCountProps(stack: Stack): Pick<RangePipelineProps, "processorEntry" | "processorEnvironment"> {
  return {
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    processorEnvironment: { WORD_COUNTS_TABLE: countsOf(stack).tableName },
  };
}

/** Lets the pipeline count. */
export function grantCounts(stack: Stack, pipeline: RangePipeline): void {
  const counts = countsOf(stack);
  counts.grant(pipeline, "dynamodb:UpdateItem");
  new CfnOutput(stack, "WordCountsTableName", { value: counts.tableName });
}

function countsOf(stack: Stack): Table {
  const found = stack.node.tryFindChild("WordCounts");
  return found instanceof Table
    ? found
    : new Table(stack, "WordCounts", {
        partitionKey: { name: "word", type: AttributeType.STRING },
        sortKey: { name: "source", type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        removalPolicy: RemovalPolicy.RETAIN,
      });
}
