import type { TemplateParameter } from "../../template/template-parameter.ts";

/** Where the release's zips were copied to. */
export const CODE_PARAMETERS: readonly TemplateParameter[] = [
  {
    name: "CodeBucket",
    group: "Code",
    type: "String",
    description: "S3 bucket that the release's zips were copied to, in the stack's region.",
    allowedPattern: "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    constraint: "must be the name of an S3 bucket",
  },
  {
    name: "CodePrefix",
    group: "Code",
    type: "String",
    default: "",
    description: "What the zips' keys begin with, up to and with a slash; empty: they lie at the top of the bucket.",
    allowedPattern: "([A-Za-z0-9!_.*'()-]+/)*",
    constraint: "must be empty, or end with a slash, as releases/orders/",
  },
];
