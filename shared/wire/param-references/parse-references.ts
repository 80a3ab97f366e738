// Parse references
//
// Kafka's config providers within the text of a setting, `${PROVIDER:PATH:KEY}`, as AWS's own
// (aws-samples/msk-config-providers) read them: secretsmanager, ssm and s3import. A place that
// CDK fills in when it deploys may stand in one of them.

import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { ParamParts, ParamReference } from "./param-reference.ts";

type ProviderKind = "secretsmanager" | "ssm" | "s3import";

/** What a file calls its providers, and the region that each of them asks. */
export type ConfigProviders = ReadonlyMap<string, { readonly kind: ProviderKind; readonly region?: string }>;

export const DEFAULT_PROVIDERS: ConfigProviders = new Map(
  (["secretsmanager", "ssm", "s3import"] as const).map((kind) => [kind, { kind }]),
);

/** Behind the dollar a reference; a place that CDK fills in is none, and may stand within one. */
const REFERENCE = /\$\{(?!Token\[)((?:\$\{Token\[[^\]]*\]\}|[^{}])*)\}/g;
const S3_ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/s;

// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how the references are written.
const FORMS = "${secretsmanager:NAME:FIELD}, ${ssm::NAME} and ${s3import:REGION:BUCKET/KEY}";

/** Whether something in a setting has to be parsed. */
export function mayRefer(text: string): boolean {
  return text.includes("${") || S3_ADDRESS.test(text.trim());
}

/** Throws ConfigurationError for a reference of another form. */
export function parseReferences(text: string, providers: ConfigProviders = DEFAULT_PROVIDERS): ParamParts {
  const [, bucket, key] = S3_ADDRESS.exec(text.trim()) ?? [];
  if (bucket !== undefined && key !== undefined) {
    return [{ bucket, key }];
  }
  const parts: (string | ParamReference)[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    parts.push(text.slice(end, match.index), referenceOf(match[1] ?? "", providers));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

function referenceOf(body: string, providers: ConfigProviders): ParamReference {
  const [name = "", ...rest] = body.split(":");
  if (rest.length === 0) {
    // It may be a part of a password.
    throw new ConfigurationError(`has a \${…} that names no provider; there are ${FORMS}`);
  }
  const provider = providers.get(name);
  if (provider === undefined) {
    throw new ConfigurationError(`refers to ${quote(`\${${body}}`)}, which is not understood; there are ${FORMS}`);
  }
  const place = rest.join(":").replace(/\?ttl=\d+$/, "");
  const { kind, region } = provider;
  const reference = READ[kind](place);
  if (reference === undefined) {
    throw new ConfigurationError(`refers to ${quote(`\${${body}}`)}, which has another form than ${FORMS}`);
  }
  return region === undefined || "region" in reference ? reference : { ...reference, region };
}

const READ: Readonly<Record<ProviderKind, (place: string) => ParamReference | undefined>> = {
  secretsmanager: readSecret,
  ssm: (place) => {
    const parameter = place.replace(/^:/, "");
    return parameter === "" ? undefined : { parameter, ...regionOf(parameter) };
  },
  s3import: (place) => {
    const [, region = "", bucket = "", key = ""] = /^([^:/]*):([^/]+)\/(.+)$/s.exec(place) ?? [];
    return bucket === "" || key === "" ? undefined : { bucket, key, ...(region === "" ? {} : { region }) };
  },
};

/** An ARN has colons itself; Kafka's own parser wants them encoded. */
const ARN_PARTS = 7;

function readSecret(place: string): ParamReference | undefined {
  const pieces = place.split(":");
  const isArn = pieces[0] === "arn";
  const name = isArn ? pieces.slice(0, ARN_PARTS).join(":") : (pieces[0] ?? "");
  const field = pieces.slice(isArn ? ARN_PARTS : 1).join(":");
  const secret = decode(name);
  if (secret === undefined || secret === "" || (isArn && pieces.length < ARN_PARTS)) {
    return undefined;
  }
  return { secret, ...(field === "" ? {} : { field }), ...regionOf(secret) };
}

function regionOf(name: string): { readonly region?: string } {
  const [, region] = /^arn:[^:]*:[^:]*:([^:$]+):/.exec(name) ?? [];
  return region === undefined ? {} : { region };
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
