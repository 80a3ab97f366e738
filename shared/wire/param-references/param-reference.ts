// Param reference
//
// What stands in place of a setting's value, or of a part of it: where the value is kept.
// It is read when a function opens its first connection, and is nowhere else in clear.

export type ParamReference =
  /** Of AWS Secrets Manager, by name or ARN: a field of its JSON, or the whole of it. */
  | { readonly secret: string; readonly field?: string; readonly region?: string }
  /** Of Systems Manager. */
  | { readonly parameter: string; readonly region?: string }
  /** Of S3. */
  | { readonly bucket: string; readonly key: string; readonly region?: string }
  /** Beside the function's code. */
  | { readonly file: string };

/** Pieces that follow each other. */
export type ParamParts = readonly (string | ParamReference)[];

/** For messages: where the value is kept, and nothing of it. */
export function showReference(reference: ParamReference): string {
  if ("secret" in reference) {
    const { secret, field } = reference;
    return field === undefined ? `secret ${secret}` : `${field} of secret ${secret}`;
  }
  if ("parameter" in reference) {
    return `parameter ${reference.parameter}`;
  }
  return "file" in reference ? reference.file : `s3://${reference.bucket}/${reference.key}`;
}

export function isReference(part: string | ParamReference): part is ParamReference {
  return typeof part !== "string";
}
