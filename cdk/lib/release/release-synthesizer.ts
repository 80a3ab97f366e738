import { type FileAssetLocation, type FileAssetSource, type ISynthesisSession, StackSynthesizer } from "aws-cdk-lib";

const BUCKET = "none";

/** Puts nothing into a template that asks for CDK's bootstrapping: where the code lies is said by parameters. */
export class ReleaseSynthesizer extends StackSynthesizer {
  /** The folders of code, in the assembly, by the key that the stack's template has for them. */
  readonly folders = new Map<string, string>();

  override addFileAsset({ sourceHash, fileName = "" }: FileAssetSource): FileAssetLocation {
    const objectKey = `${sourceHash}.zip`;
    this.folders.set(objectKey, fileName);
    const s3ObjectUrl = `s3://${BUCKET}/${objectKey}`;
    return { bucketName: BUCKET, objectKey, s3ObjectUrl, httpUrl: s3ObjectUrl };
  }

  override addDockerImageAsset(): never {
    throw new Error("a pipeline's functions have no container images");
  }

  override synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
  }
}
