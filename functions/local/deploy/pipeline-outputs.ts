const PIPELINE_OUTPUTS = [
  "PipelineName",
  "LedgerTableName",
  "SchedulerFunctionName",
  "ProcessorFunctionName",
  "OnFailureQueueUrl",
  "DeadLetterTarget",
] as const;

/** What a RangePipeline says of itself, without its own name in front. */
export type PipelineOutputs = Readonly<Record<(typeof PIPELINE_OUTPUTS)[number], string>>;

type Outputs = Readonly<Record<string, string>>;

/** Of each RangePipeline of the stack, by the place that its outputs' names have in front. */
export function findPipelines(outputs: Outputs): ReadonlyMap<string, PipelineOutputs> {
  const places = Object.keys(outputs).flatMap((name) => /^(.+)SchedulerFunctionName$/.exec(name)?.[1] ?? []);
  const whole = places.filter((place) => PIPELINE_OUTPUTS.every((name) => `${place}${name}` in outputs));
  return new Map(whole.map((place) => [place, pipelineOutputs(outputs, place)]));
}

/** Of a stack's outputs those of the pipeline with this id; throws where one is missing. */
export function pipelineOutputs(outputs: Outputs | undefined, id: string): PipelineOutputs {
  const entries = PIPELINE_OUTPUTS.map((name) => [name, outputOf(outputs, `${id}${name}`)] as const);
  // Each name is there: they were read one by one.
  return Object.fromEntries(entries) as PipelineOutputs;
}

/** Throws where it is missing. */
export function outputOf(outputs: Outputs | undefined, name: string): string {
  const value = outputs?.[name];
  if (value === undefined) {
    throw new Error(`the deployment has no output ${name}; it has ${Object.keys(outputs ?? {}).join(", ")}`);
  }
  return value;
}
