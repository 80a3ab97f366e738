import { isTemplateObject, ref, type TemplateObject, type TemplateValue, textOf } from "../template/template-value.ts";

export const CODE_NAMES = ["scheduler", "processor", "manifests"] as const;

export type CodeName = (typeof CODE_NAMES)[number];

/** The key of each function's code that the template has, as CDK has it. */
export function codeKeys(template: TemplateObject): ReadonlyMap<CodeName, string> {
  return new Map(functionsOf(template).map(([, resource]) => [codeNameOf(resource), keyOf(resource)] as const));
}

/** The template with each function's code where the parameters say: of those names, behind the prefix. */
export function placeCode(template: TemplateObject, names: Readonly<Record<CodeName, string>>): TemplateObject {
  const functions = functionsOf(template).map(([id, resource]) => {
    const S3Key = { "Fn::Sub": `\${CodePrefix}${names[codeNameOf(resource)]}` };
    return [
      id,
      { ...resource, Properties: { ...inside(resource, "Properties"), Code: { S3Bucket: ref("CodeBucket"), S3Key } } },
    ];
  });
  return { ...template, Resources: { ...inside(template, "Resources"), ...Object.fromEntries(functions) } };
}

function functionsOf(template: TemplateObject): readonly (readonly [id: string, resource: TemplateObject])[] {
  return Object.entries(inside(template, "Resources")).flatMap(([id, resource]) =>
    isTemplateObject(resource) && resource["Type"] === "AWS::Lambda::Function" ? [[id, resource] as const] : [],
  );
}

/** The scheduler is who knows a processor, and the writer of manifests knows an archive; variants share the processor's code. */
function codeNameOf(resource: TemplateObject): CodeName {
  const variables = inside(inside(inside(resource, "Properties"), "Environment"), "Variables");
  if ("RANGES_ARCHIVE_BUCKET" in variables) {
    return "manifests";
  }
  return "RANGES_PROCESSOR_FUNCTION" in variables ? "scheduler" : "processor";
}

function keyOf(resource: TemplateObject): string {
  return textOf(inside(inside(resource, "Properties"), "Code")["S3Key"]);
}

function inside(value: TemplateObject, key: string): TemplateObject {
  const found: TemplateValue | undefined = value[key];
  return isTemplateObject(found) ? found : {};
}
