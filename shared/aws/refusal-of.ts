import { AwsCallError } from "./aws-call-error.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import { textOfElement } from "./xml-text.ts";

/** What a service says that did not do what it was asked. */
export function refusalOf({ statusCode, headers, body }: Omit<HttpAnswer, "bytes">): AwsCallError {
  const answer = readObject(body);
  const { type, says } = answer === undefined && body.startsWith("<") ? ofXml(body) : ofJson(headers, answer);
  const requestId = headers["x-amzn-requestid"] ?? headers["x-amz-request-id"];
  return new AwsCallError(says ?? `the service answered ${statusCode} without a reason`, {
    name: type ?? `HTTP ${statusCode}`,
    statusCode,
    answer,
    ...(typeof requestId === "string" ? { requestId } : {}),
  });
}

interface Refusal {
  readonly type: string | undefined;
  readonly says: string | undefined;
}

/** As the JSON protocols name an error: in a header, or in the body, with a namespace before and an address behind. */
function ofJson(headers: HttpAnswer["headers"], answer: Readonly<Record<string, unknown>> | undefined): Refusal {
  const first = (values: readonly unknown[]) => values.find((one) => typeof one === "string");
  const type = first([headers["x-amzn-errortype"], answer?.["__type"], answer?.["code"]]);
  return {
    type: type?.replace(/^.*#/, "").replace(/:.*$/, ""),
    says: first([answer?.["message"], answer?.["Message"]]),
  };
}

/** As S3 does. */
function ofXml(body: string): Refusal {
  return { type: textOfElement(body, "Code"), says: textOfElement(body, "Message") };
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // What a proxy says in its own words.
    return undefined;
  }
}
