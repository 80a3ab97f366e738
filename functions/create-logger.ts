// Create logger
//
// Powertools goes by Lambda's application log level where there is one, and then
// not by POWERTOOLS_LOG_LEVEL. Lambda's own must stay at INFO: it filters what has
// no level as INFO, and so would drop the metrics, which have none.
//
//   CL1  Where POWERTOOLS_LOG_LEVEL says something, it decides what the loggers write.
//
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
// https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/#aws-lambda-advanced-logging-controls-alc

import { Logger } from "@aws-lambda-powertools/logger";
import { preferOwnLogLevel } from "./lambda-config.ts";

// As the module loads, and so before the loggers that the pipeline's code makes beside its handler.
preferOwnLogLevel();

export function createLogger(pipeline: string): Logger {
  return new Logger({ persistentKeys: { pipeline } });
}
