import type { IRole } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { type PlannedVariant, planVariants, type VariantProps } from "./plan-variants.ts";

export interface ProcessorVariant extends PlannedVariant {
  readonly handler: LambdaFunction;
}

/** All processor functions of a pipeline. */
export interface ProcessorFleet {
  /** Gets every range that has no other place, and whatever is invoked by hand. */
  readonly main: LambdaFunction;
  readonly variants: readonly ProcessorVariant[];
}

/** What a function has of its own; the default one has nothing. */
export interface OwnOfProcessor {
  readonly variant?: PlannedVariant;
  readonly role?: IRole | undefined;
}

/** The functions have one role: what the pipeline's code is granted holds wherever it runs. */
export function addProcessors(
  props: VariantProps,
  create: (id: string, own: OwnOfProcessor) => LambdaFunction,
): ProcessorFleet {
  const main = create("Processor", {});
  const variants = planVariants(props).map((variant) => {
    const handler = create(`Processor-${variant.name}`, { variant, role: main.role });
    return { ...variant, handler };
  });
  return { main, variants };
}

/** Their names, as the stack puts them out: `eu-west-1a` as ProcessorFunctionNameEuWest1a. */
export function variantOutputs(variants: ProcessorFleet["variants"]): Readonly<Record<string, string>> {
  const suffixOf = (variant: string) =>
    variant.replace(/(?:^|-)([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    variants.map(({ name, handler }) => [`ProcessorFunctionName${suffixOf(name)}`, handler.functionName]),
  );
}
