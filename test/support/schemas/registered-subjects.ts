import { expect } from "vitest";

export interface Subject {
  readonly schema: string;
  readonly schemaType?: "AVRO" | "JSON" | "PROTOBUF";
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

/** With a registry that has Confluent's API; answers the schema's id. */
export async function registerSubject(url: string, subject: string, body: Subject): Promise<number> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { readonly id: number };
  expect({ status: response.status, answer }).toMatchObject({ status: 200 });
  return answer.id;
}

/** As Confluent's serializers write it. */
export function framedBy(id: number, payload: Uint8Array, messageIndexes: readonly number[] = []): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, Buffer.from(messageIndexes), payload]);
}
