// Create manifest writer: what makes the function that writes batch manifests. Middy chain and
// wiring; what one run does is write-due-manifests.ts.

import { randomUUID } from "node:crypto";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { createSignedDynamoDB } from "../../shared/dynamodb/calls/signed-calls.ts";
import { createManifestLedger } from "../../shared/dynamodb/manifest-ledger.ts";
import { openS3Bucket } from "../../shared/s3/s3-bucket.ts";
import { awsAccessOf, DYNAMODB, S3 } from "../aws-access.ts";
import { createLogger } from "../create-logger.ts";
import { createEndpointCheck } from "../endpoint-check.ts";
import { fromMiddy } from "../from-middy.ts";
import type { LambdaHandler } from "../lambda-handler.ts";
import { startHandler } from "../start-handler.ts";
import { readManifestConfig } from "./manifests-config.ts";
import { reportManifests } from "./report-manifests.ts";
import { writeDueManifests } from "./write-due-manifests.ts";

/**
 * Where Lambda loads it, it throws ConfigurationError at once when the function's environment is wrong; elsewhere, as
 * in tests, the environment is read at the first invocation.
 */
export function createManifestWriter(): LambdaHandler {
  return startHandler(openWriter);
}

function openWriter(): LambdaHandler {
  const { pipeline, ledgerTable, archiveBucket, archivePrefix = "" } = readManifestConfig();
  const logger = createLogger(pipeline);
  const dynamodb = createSignedDynamoDB(awsAccessOf(DYNAMODB));
  const s3 = awsAccessOf(S3);
  const requireEndpoints = createEndpointCheck([
    { service: "dynamodb", url: dynamodb.endpoint },
    { service: "s3", url: s3.endpoint },
  ]);
  const deps = {
    ledger: createManifestLedger(dynamodb, { tableName: ledgerTable, newId: () => randomUUID() }),
    bucket: openS3Bucket(s3, archiveBucket),
    now: () => Date.now(),
  };
  const handler = middy()
    .use(injectLambdaContext(logger))
    .handler(async (_event: unknown, context) => {
      await requireEndpoints();
      // What is begun has as much time again; the next run goes on.
      const endsAt = deps.now() + context.getRemainingTimeInMillis() / 2;
      const rules = { pipeline, bucketName: archiveBucket, prefix: archivePrefix, endsAt };
      return reportManifests(logger, archiveBucket, await writeDueManifests(deps, rules));
    });
  return fromMiddy(handler);
}
