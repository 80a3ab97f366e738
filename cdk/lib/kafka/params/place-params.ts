// Place params
//
// Where each setting of the entry travels: in the functions' environment as it is or as a
// reference, or in a file beside the code.

import { omitUndefined } from "../../../../shared/core/omit-undefined.ts";
import type { KafkaParams } from "../../../../shared/wire/kafka-params/kafka-params.ts";
import type { ParamParts } from "../../../../shared/wire/param-references/param-reference.ts";
import { MAX_INLINE_BYTES, type ParamFile, readStoreFile, textFile } from "./param-files.ts";
import type { PropsBeside } from "./said-by-params.ts";

interface Placed {
  readonly params: Readonly<Record<string, ParamParts>>;
  readonly files: readonly ParamFile[];
  readonly mayNeedPkcs12: boolean;
  readonly problems: readonly string[];
  isProtocol(key: string): boolean;
}

type PartsOf = (name: string) => ParamParts;

/** `props` say what the settings leave to them. */
export function placeParams(params: KafkaParams, partsOf: PartsOf, props: PropsBeside): Placed {
  const files: ParamFile[] = [];
  const problems: string[] = [];
  let mayNeedPkcs12 = false;
  const place = (name: string): ParamParts => {
    const parts = partsOf(name);
    const [text] = parts;
    if (!/^ssl\.(?:key|trust)store\.location$/.test(name)) {
      return parts.length === 1 && typeof text === "string" && isLong(text) ? [keep(textFile(text))] : parts;
    }
    if (typeof text !== "string" || parts.length > 1) {
      mayNeedPkcs12 ||= params.get(name.replace("location", "type"))?.toUpperCase() !== "PEM";
      return parts;
    }
    const file = readStoreFile(text);
    if (typeof file === "string") {
      problems.push(`${params.called(name)} ${file}`);
      return parts;
    }
    mayNeedPkcs12 ||= file.kind === "PKCS12";
    return [keep(file)];
  };
  const keep = ({ name, content }: ParamFile) => {
    files.push({ name, content });
    return { file: name };
  };
  const { sasl, securityProtocol = sasl === undefined ? undefined : "SASL_SSL" } = props;
  const own = params
    .names()
    .filter((name) => /^(?:security\.protocol$|ssl\.|sasl\.)/.test(name))
    .filter((name) => sasl === undefined || !name.startsWith("sasl."));
  const placed = Object.fromEntries(own.map((name) => [params.called(name), place(name)]));
  const protocol = params.has("security.protocol") || securityProtocol === undefined ? undefined : [securityProtocol];
  return {
    params: { ...placed, ...omitUndefined({ "security.protocol": protocol }) },
    files,
    problems,
    mayNeedPkcs12,
    isProtocol: (key) => key === params.called("security.protocol"),
  };
}

/** What CDK fills in when it deploys stays where it does. */
function isLong(text: string): boolean {
  return Buffer.byteLength(text) > MAX_INLINE_BYTES && !text.includes("${Token[");
}
