// Grant params
//
// Lets a function read what its settings refer to: exactly that, by one action each.

import { ArnFormat, Stack, Token } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { isReference, type ParamReference } from "../../../../shared/wire/param-references/param-reference.ts";
import { readGivenParams } from "./given-params.ts";
import type { ObjectParam, ParameterParam, SecretParam } from "./param-values.ts";
import type { PropsBeside } from "./said-by-params.ts";
import type { SettledParams } from "./settle-params.ts";

export interface ParamsAccess extends Pick<PropsBeside, "kafkaParams" | "kafkaParamsSecret"> {
  readonly settledParams?: SettledParams | undefined;
}

export function grantParams(scope: Construct, props: ParamsAccess, grantee: IGrantable): void {
  const { kafkaParams = {}, kafkaParamsSecret, settledParams } = props;
  const { params = {}, whole } = settledParams?.variable ?? {};
  const { constructs } = readGivenParams(kafkaParams);
  const secrets = constructs.filter((one) => "secret" in one);
  const parameters = constructs.filter((one) => "parameter" in one);
  const all = [...secrets, ...(kafkaParamsSecret === undefined ? [] : [{ secret: kafkaParamsSecret }])];
  const references = [...Object.values(params).flat().filter(isReference), ...(whole === undefined ? [] : [whole])];
  for (const reference of references) {
    grantReference(scope, grantee, { reference, secrets: all, parameters });
  }
  for (const key of [...constructs, ...all].flatMap((one) => keyOf(one) ?? [])) {
    key.grantDecrypt(grantee);
  }
}

interface Referred {
  readonly reference: ParamReference;
  readonly secrets: readonly SecretParam[];
  readonly parameters: readonly ParameterParam[];
}

function grantReference(scope: Construct, grantee: IGrantable, { reference, secrets, parameters }: Referred): void {
  const stack = Stack.of(scope);
  const allow = (action: string, arn: string) => {
    Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [arn] });
  };
  if ("secret" in reference) {
    const { secret, region } = reference;
    const known = secrets.find((one) => one.secret.secretArn === secret);
    allow("secretsmanager:GetSecretValue", known === undefined ? secretArn(stack, secret, region) : knownArn(known));
  } else if ("parameter" in reference) {
    const { parameter, region } = reference;
    const known = parameters.find((one) => one.parameter.parameterName === parameter);
    allow("ssm:GetParameter", known?.parameter.parameterArn ?? parameterArn(stack, parameter, region));
  } else if ("bucket" in reference) {
    const { bucket, key } = reference;
    allow(
      "s3:GetObject",
      stack.formatArn({ service: "s3", region: "", account: "", resource: bucket, resourceName: key }),
    );
  }
}

/** Secrets Manager ends an ARN with six signs of its own, which nobody knows by the name. */
const SUFFIX = "-??????";

function knownArn({ secret }: SecretParam): string {
  return secret.secretFullArn ?? `${secret.secretArn}${SUFFIX}`;
}

/** Where CDK fills it in, it is an ARN. */
function secretArn(stack: Stack, secret: string, region: string | undefined): string {
  return secret.startsWith("arn:") || Token.isUnresolved(secret)
    ? secret
    : stack.formatArn({
        service: "secretsmanager",
        resource: "secret",
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        resourceName: `${secret}${SUFFIX}`,
        ...inRegion(region),
      });
}

function parameterArn(stack: Stack, parameter: string, region: string | undefined): string {
  const resourceName = parameter.replace(/^\//, "");
  return parameter.startsWith("arn:")
    ? parameter
    : stack.formatArn({ service: "ssm", resource: "parameter", resourceName, ...inRegion(region) });
}

function inRegion(region: string | undefined) {
  return region === undefined ? {} : { region };
}

function keyOf(one: SecretParam | ParameterParam | ObjectParam): IKey | undefined {
  if ("secret" in one) {
    return one.encryptionKey ?? one.secret.encryptionKey;
  }
  return "parameter" in one ? one.encryptionKey : one.bucket.encryptionKey;
}
