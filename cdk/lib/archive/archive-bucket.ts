import { Annotations, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { hasMethod, type PropRules, such, text } from "../props/prop-rules.ts";
import { refuseProps, requireProps } from "../props/refuse-props.ts";

/** Where an archive is. */
export interface ArchiveBucketProps {
  /** One that exists, or that the stack has. @default - one of its own, encrypted by S3, which stays when the stack goes */
  readonly bucket?: IBucket;
  /** As `s3Archive` has it, without a slash at its ends: grants and the lifecycle rule go no further. @default - the whole bucket */
  readonly prefix?: string;
  /**
   * After which uploads end that nobody completes: of processors that died. A range that waits for longer is read again.
   * @default Duration.days(7)
   */
  readonly abortUploadsAfter?: Duration;
}

const rules: PropRules<ArchiveBucketProps> = {
  bucket: such("a Bucket", (value) => hasMethod(value, "arnForObjects")),
  prefix: text,
  abortUploadsAfter: such("a Duration", (value) => hasMethod(value, "toDays")),
};

const DEFAULT_ABORT_AFTER = Duration.days(7);

/** The bucket of `s3Archive`, with what its pipelines and its operators may do there. */
export class ArchiveBucket extends Construct {
  /** For what is of your own: `processorEnvironment: { ARCHIVE_BUCKET: archive.bucket.bucketName }`. */
  readonly bucket: IBucket;
  /** Empty where it is the whole bucket. */
  readonly prefix: string;

  constructor(scope: Construct, id: string, props: ArchiveBucketProps = {}) {
    super(scope, id);
    requireProps(this, props, rules);
    const { prefix = "", abortUploadsAfter = DEFAULT_ABORT_AFTER } = props;
    refuseProps(this, isPrefix(prefix) ? [] : [`prefix is ${JSON.stringify(prefix)}; ${PREFIX_RULE}`]);
    this.prefix = prefix;
    this.bucket = props.bucket ?? this.#ownBucket();
    if (this.bucket instanceof Bucket) {
      this.bucket.addLifecycleRule({
        abortIncompleteMultipartUploadAfter: abortUploadsAfter,
        ...omitUndefined({ prefix: prefix === "" ? undefined : prefix }),
      });
    } else {
      Annotations.of(this).addWarningV2(
        "kafka-offset-ranges:archive-uploads",
        `${this.bucket.bucketName} is not of this app, and its lifecycle cannot be changed here: give it a rule that ends incomplete multipart uploads after ${abortUploadsAfter.toDays()} days, or those of processors that died are paid for ever`,
      );
    }
  }

  /** Lets the grantee archive: `archive.grantArchive(pipeline)`. */
  grantArchive(grantee: IGrantable): void {
    this.#grant(grantee, ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]);
    this.bucket.encryptionKey?.grantEncryptDecrypt(grantee);
  }

  /** Lets the grantee look: `ranges verify --outputs s3`, beside `pipeline.grantReadLedger`. */
  grantVerify(grantee: IGrantable): void {
    this.#grant(grantee, ["s3:GetObject"]);
    this.bucket.encryptionKey?.grantDecrypt(grantee);
  }

  /** Lets the grantee look, and write manifests: `ranges manifests`. */
  grantManifests(grantee: IGrantable): void {
    this.grantVerify(grantee);
    const resourceArns = [this.bucket.arnForObjects(`${this.prefix}*_manifests/*`)];
    Grant.addToPrincipal({ grantee, actions: ["s3:PutObject"], resourceArns });
    this.bucket.encryptionKey?.grantEncrypt(grantee);
  }

  /** Without the right to list a bucket S3 does not tell an object that is missing from one that is forbidden. */
  #grant(grantee: IGrantable, actions: string[]): void {
    // Reprocess requests have a prefix of their own, which begins with it.
    const resourceArns = [this.bucket.arnForObjects(`${this.prefix}*`)];
    Grant.addToPrincipal({ grantee, actions, resourceArns });
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.bucket.bucketArn] });
  }

  #ownBucket(): IBucket {
    const bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // CDK declares its interfaces without exactOptionalPropertyTypes in mind.
    return bucket as IBucket;
  }
}

const PREFIX_RULE = "expected a path as s3Archive takes it, without a slash at its ends";

function isPrefix(prefix: string): boolean {
  return !prefix.startsWith("/") && !prefix.endsWith("/") && !prefix.includes("//") && !/[*?{}\\]/.test(prefix);
}
