import { Architecture } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";
import { quote } from "../../shared/core/bounded-text.ts";
import { ARCHITECTURE_CONTEXT } from "../../shared/wire/deployment/architecture-context.ts";
import { refuseProps } from "./props/refuse-props.ts";

/** The names of Lambda's architectures. */
export const ARCHITECTURES = [Architecture.ARM_64.name, Architecture.X86_64.name] as const;

/** The architecture that the context names, else Graviton's. Throws ValidationError for another name. */
export function contextArchitecture(scope: IConstruct): Architecture {
  const name: unknown = scope.node.tryGetContext(ARCHITECTURE_CONTEXT);
  if (name === undefined) {
    return Architecture.ARM_64;
  }
  const isKnown = ARCHITECTURES.some((known) => known === name);
  refuseProps(
    scope,
    isKnown ? [] : [`context ${ARCHITECTURE_CONTEXT} is ${quote(name)}; choose ${ARCHITECTURES.join(" or ")}`],
  );
  return name === Architecture.X86_64.name ? Architecture.X86_64 : Architecture.ARM_64;
}
