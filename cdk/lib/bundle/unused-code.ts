// Unused code
//
// What a pipeline's functions load only where its settings need it, and is not in their
// bundles otherwise: a dynamic import of it stays as it is, and is never come to.

/** What of Kafka's settings a pipeline has. */
export interface SettingsUse {
  readonly hasParams: boolean;
  readonly mayNeedPkcs12: boolean;
}

/** As esbuild takes it for `external`: imports as they are written. */
export function unusedCode({ hasParams, mayNeedPkcs12 }: SettingsUse = NONE): readonly string[] {
  return [...(hasParams ? [] : PARAMS), ...(mayNeedPkcs12 ? [] : PKCS12)];
}

const NONE: SettingsUse = { hasParams: false, mayNeedPkcs12: false };

/** In a checkout, and in the package. */
const PARAMS = ["*/kafka-params/params-entry.ts", "*/kafka-params/params-entry.js"];
const PKCS12 = ["node-forge/*"];
