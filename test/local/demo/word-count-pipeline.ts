// The shipped pipeline as it is deployed: the words that it has counted are read beside it.

import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { openPipeline, type RunningPipeline } from "../../../functions/local/deploy/deployed-pipeline.ts";
import { outputOf, type PipelineOutputs, pipelineOutputs } from "../../../functions/local/deploy/pipeline-outputs.ts";
import { openLocalDynamoDB } from "../servers/local-dynamodb.ts";

/** The outputs of the shipped stack. */
export interface WordCountOutputs extends PipelineOutputs {
  readonly WordCountsTableName: string;
}

/** The outputs of the shipped stack; throws where one is missing. */
export function wordCountOutputs(outputs: Readonly<Record<string, string>> | undefined): WordCountOutputs {
  return {
    ...pipelineOutputs(outputs, "WordCount"),
    WordCountsTableName: outputOf(outputs, "WordCountsTableName"),
  };
}

export interface WordCountPipeline extends RunningPipeline {
  /** How often each word was counted, over all sources for which `isCounted` holds. */
  wordCounts(isCounted: (source: string) => boolean): Promise<ReadonlyMap<string, number>>;
}

export function openWordCountPipeline(endpoint: string, outputs: WordCountOutputs): WordCountPipeline {
  const dynamodb = openLocalDynamoDB(endpoint);
  const running = openPipeline(endpoint, outputs);
  return {
    ...running,
    wordCounts: (isCounted) => sumWords(dynamodb, outputs.WordCountsTableName, isCounted),
    close: () => {
      running.close();
      dynamodb.destroy();
    },
  };
}

async function sumWords(
  client: DynamoDBClient,
  tableName: string,
  isCounted: (source: string) => boolean,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const { word, source, count } of page.Items ?? []) {
      if (word?.S !== undefined && source?.S !== undefined && isCounted(source.S)) {
        counts.set(word.S, (counts.get(word.S) ?? 0) + Number(count?.N));
      }
    }
  }
  return counts;
}
