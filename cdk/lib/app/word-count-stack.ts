import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { RangePipeline } from "../range-pipeline.ts";
import type { AppContext } from "./app-context.ts";
import { grantCounts, wordCountProps } from "./word-count.ts";

export interface WordCountStackProps extends StackProps {
  readonly pipeline: AppContext;
}

/** The shipped example: counts the words of a topic, exactly once. */
export class WordCountStack extends Stack {
  constructor(scope: Construct, id: string, props: WordCountStackProps) {
    super(scope, id, props);
    const own = wordCountProps(this);
    grantCounts(this, new RangePipeline(this, "WordCount", { ...props.pipeline, ...own }));
  }
}
