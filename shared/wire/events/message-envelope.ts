// Message envelope
//
// What SQS and SNS put around a message, in the forms that it is copied from: the
// answer of `aws sqs receive-message`, one message of it, an SNS notification (also
// inside of an SQS message), and the events that Lambda makes of both.
// https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html

import { ConfigurationError } from "../../core/errors.ts";
import { jsonProblem, readJsonText } from "../json/json-text.ts";

/** A queue's message may hold a notification's, and either may have been quoted as text once more. */
const MAX_ENVELOPES = 4;

export interface EnclosedMessage {
  readonly value: unknown;
  /** Where it was found: `Messages[0].Body`; empty for what had no envelope. */
  readonly where: string;
}

export function isEnvelope(value: object): boolean {
  const { Messages, Records, Type, Message, Body } = value as Fields;
  const isNotification = Type === "Notification" && typeof Message === "string";
  return Array.isArray(Messages) || Array.isArray(Records) || isNotification || typeof Body === "string";
}

/** The messages in the order in which they stand. Throws ConfigurationError that names the one that is none. */
export function openEnvelope(value: unknown): readonly EnclosedMessage[] {
  return open({ value, where: "" }, MAX_ENVELOPES);
}

type Fields = Readonly<Record<string, unknown>>;

function open(enclosed: EnclosedMessage, left: number): readonly EnclosedMessage[] {
  const { value, where } = enclosed;
  if (typeof value === "string") {
    return open({ value: readText(value, where), where }, left - 1);
  }
  if (left <= 0 || typeof value !== "object" || value === null || !isEnvelope(value)) {
    return [enclosed];
  }
  const { Messages, Records, Message, Body } = value as Fields;
  const messages = Array.isArray(Messages)
    ? Messages.map((message, index) => bodyOf(message, within(where, `Messages[${index}]`)))
    : Array.isArray(Records)
      ? Records.map((record, index) => bodyOf(record, within(where, `Records[${index}]`)))
      : [
          typeof Body === "string"
            ? { value: Body, where: within(where, "Body") }
            : { value: Message, where: within(where, "Message") },
        ];
  return messages.flatMap((message) => open(message, left - 1));
}

function bodyOf(message: unknown, where: string): EnclosedMessage {
  const { Body, body, Sns } = (message ?? {}) as { Body?: unknown; body?: unknown; Sns?: { Message?: unknown } };
  const found = { Body, body, "Sns.Message": Sns?.Message };
  for (const [name, value] of Object.entries(found)) {
    if (typeof value === "string") {
      return { value, where: `${where}.${name}` };
    }
  }
  throw new ConfigurationError(`${where} is no message of SQS or SNS: it has none of ${Object.keys(found).join(", ")}`);
}

function within(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}

function readText(text: string, where: string): unknown {
  const json = readJsonText(text);
  if (json.kind !== "read") {
    throw new ConfigurationError(`${where === "" ? "the text" : where} ${jsonProblem(json)}`);
  }
  return json.value;
}
