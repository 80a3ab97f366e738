// Unused code
//
// What a pipeline's functions load only where its settings need it, and is not in their
// bundles otherwise: a dynamic import of it stays as it is, and is never come to.

/** Where a pipeline's dead letters go. */
export type LetterKind = "queue" | "bucket" | "topic";

/** What of Kafka's settings a pipeline has. */
export interface SettingsUse {
  readonly hasParams: boolean;
  readonly mayNeedPkcs12: boolean;
  /** What its processor is told; absent where that is not known, and all of it stays. */
  readonly letters?: LetterKind;
}

/** As esbuild takes it for `external`: imports as they are written. */
export function unusedCode({ hasParams, mayNeedPkcs12, letters }: SettingsUse = NONE): readonly string[] {
  const kinds = Object.entries(LETTERS).filter(([kind]) => letters !== undefined && kind !== letters);
  return [...(hasParams ? [] : PARAMS), ...(mayNeedPkcs12 ? [] : PKCS12), ...kinds.flatMap(([, paths]) => paths)];
}

const NONE: SettingsUse = { hasParams: false, mayNeedPkcs12: false };

const PARAMS = written("kafka-params/params-entry");
const PKCS12 = ["node-forge/*"];
const LETTERS: Readonly<Record<LetterKind, readonly string[]>> = {
  queue: written("sqs/dead-letter-queue"),
  bucket: written("s3/dead-letter-bucket"),
  topic: [...written("kafka/produce/dead-letter-topic"), ...written("wire/events/dead-letter-record")],
};

/** In a checkout, and in the package. */
function written(path: string): readonly string[] {
  return [`*/${path}.ts`, `*/${path}.js`];
}
