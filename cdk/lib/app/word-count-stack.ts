import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { RangePipeline } from "../range-pipeline.ts";
import { projectPath } from "../runtime-function.ts";
import type { AppContext } from "./app-context.ts";

export interface WordCountStackProps extends StackProps {
  readonly pipeline: AppContext;
}

/** The shipped example: counts the words of a topic, exactly once. */
export class WordCountStack extends Stack {
  constructor(scope: Construct, id: string, props: WordCountStackProps) {
    super(scope, id, props);
    const counts = new Table(this, "WordCounts", {
      partitionKey: { name: "word", type: AttributeType.STRING },
      sortKey: { name: "source", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const pipeline = new RangePipeline(this, "WordCount", {
      ...props.pipeline,
      processorEntry: projectPath("functions/pipelines/word-count.ts"),
      processorEnvironment: { WORD_COUNTS_TABLE: counts.tableName },
    });
    counts.grant(pipeline, "dynamodb:UpdateItem");
    new CfnOutput(this, "WordCountsTableName", { value: counts.tableName });
  }
}
