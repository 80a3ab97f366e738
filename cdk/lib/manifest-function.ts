import { Duration } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import { type IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { encodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { manifestEnvironment } from "../../shared/wire/environment/manifest-environment.ts";
import { acknowledgeFunction, acknowledgeObjects } from "./acknowledged-findings.ts";
import type { ArchiveBucket } from "./archive/archive-bucket.ts";
import { bundledCode, shippedCode } from "./bundle/function-code.ts";
import { unusedCode } from "./bundle/unused-code.ts";
import type { Ledger } from "./ledger-table.ts";
import { schedulerLogLevel } from "./logs/log-volume.ts";
import { placementOf, type ResolvedProps } from "./resolve-props.ts";
import { ONE_VCPU_MIB, ownSource, runtimeFunctionProps } from "./runtime-function.ts";
import { runOnSchedule } from "./schedule/run-on-schedule.ts";

/** How often it looks; also how long a run may take, so that the next one seldom meets it. */
const MANIFEST_INTERVAL = Duration.minutes(5);

export interface ArchivingPipeline {
  readonly pipeline: ResolvedProps;
  readonly pipelineName: string;
  readonly ledger: Ledger;
}

interface ManifestFunctionProps extends ArchivingPipeline {
  readonly archive: ArchiveBucket;
}

/** Where the pipeline has an archive whose manifests are to be written. */
export function addManifests(scope: Construct, archiving: ArchivingPipeline): IFunction | undefined {
  const { manifests: archive } = archiving.pipeline;
  if (archive === undefined) {
    return undefined;
  }
  const { handler } = new ManifestFunction(scope, "Manifests", { ...archiving, archive });
  acknowledgeFunction(handler, undefined);
  return handler;
}

/** The function that gives finished batches their manifests, and the schedule that runs it. */
class ManifestFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, { pipeline: props, pipelineName, ledger, archive }: ManifestFunctionProps) {
    super(scope, id);
    const { bucket, prefix } = archive;
    const { architecture } = props;
    const entry = ownSource("functions/manifests/handler");
    const functionProps = runtimeFunctionProps(this, {
      ...placementOf(props),
      code: shippedCode("manifests") ?? bundledCode(this, { entry, architecture, unused: unusedCode(), files: [] }),
      description: `Writes the manifests of finished batches of ${pipelineName}`,
      environment: {
        ...encodeEnvironment(manifestEnvironment, {
          pipeline: pipelineName,
          ledgerTable: ledger.tableName,
          archiveBucket: bucket.bucketName,
          ...omitUndefined({ archivePrefix: prefix === "" ? undefined : prefix }),
        }),
        ...schedulerLogLevel(props.logLevel),
        POWERTOOLS_SERVICE_NAME: pipelineName,
      },
      timeout: MANIFEST_INTERVAL,
      memorySize: ONE_VCPU_MIB,
    });
    this.handler = new LambdaFunction(this, "Function", {
      ...functionProps,
      // The next run does what this one did not.
      retryAttempts: 0,
      maxEventAge: MANIFEST_INTERVAL,
    });
    ledger.grantKeepManifests(this.handler, pipelineName);
    this.#grantManifests(archive);
    runOnSchedule(this, this.handler, {
      interval: MANIFEST_INTERVAL,
      description: `Writes manifests of ${pipelineName}`,
      maxEventAge: MANIFEST_INTERVAL,
    });
  }

  /** It puts them, and compares what is there: it lists nothing, and reads no object of the archive. */
  #grantManifests({ bucket, prefix }: ArchiveBucket): void {
    const arn = bucket.arnForObjects(`${prefix}*_manifests/*`);
    Grant.addToPrincipal({ grantee: this.handler, actions: ["s3:PutObject", "s3:GetObject"], resourceArns: [arn] });
    acknowledgeObjects(this.handler, arn);
    bucket.encryptionKey?.grantEncryptDecrypt(this.handler);
  }
}
