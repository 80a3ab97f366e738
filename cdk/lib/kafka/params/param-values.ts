import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { IParameter } from "aws-cdk-lib/aws-ssm";

/** A value that a secret of AWS Secrets Manager keeps. */
export interface SecretParam {
  /** Imported or of the app. */
  readonly secret: ISecret;
  /** A field of its JSON. @default - the whole secret */
  readonly field?: string;
  /** The customer key that encrypts it. @default - the secret's own, as far as it is known */
  readonly encryptionKey?: IKey;
}

/** A value that a parameter of Systems Manager keeps, a SecureString or not. */
export interface ParameterParam {
  /** Imported or of the app. */
  readonly parameter: IParameter;
  /** The customer key that encrypts it. @default - the parameter's own, as far as it is known */
  readonly encryptionKey?: IKey;
}

/** A store of keys or certificates that a bucket keeps. */
export interface ObjectParam {
  /** In the pipeline's region. */
  readonly bucket: IBucket;
  readonly key: string;
}

/** A setting's value, or where it is kept: the functions read that when they connect. */
export type KafkaParamValue = string | number | boolean | SecretParam | ParameterParam | ObjectParam;

/** Kafka's client settings by their names, as Kafka, Spark, Connect or Spring Boot spell them. */
export type KafkaParamValues = Readonly<Record<string, KafkaParamValue>>;
