// GUID route
//
// Not every registry can be asked for a schema by its GUID: Confluent's from 8.0 on, Redpanda's from 26.3 on. The others
// answer as to any path that they do not know, and so does a proxy in front of a registry that is down.
//
//   GUR1  A GUID is held against its record where the registry says that it has no such schema, or where it
//         is there, as its own word for an id shows, and knows no such path: both seen GUID_PROOFS times, by turns.
//   GUR2  Whoever answers 404 to an id too is an outage; so is a path that the registry knew before.
//   GUR3  That a registry knows no GUIDs is remembered for UNKNOWN_SCHEMA_TTL_MS, and nothing is asked meanwhile.

import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { GUID_PROOFS, MAX_SCHEMA_ID, REGISTRY_RETRY_BASE_MS, UNKNOWN_SCHEMA_TTL_MS } from "../limits.ts";
import { type Patience, UnknownSchemaError } from "../unknown-schemas.ts";
import { type AskRegistry, UnknownPathError } from "./registry-calls.ts";

/** What a registry answers for a GUID. Rejects as `ask` does, and with UndecodableError where it knows no GUIDs. */
export function createGuidRoute(ask: AskRegistry, { now, pause }: Patience): (guid: string) => Promise<unknown> {
  let isKnown = false;
  let missingUntil = Number.NEGATIVE_INFINITY;
  let proving: Promise<boolean> | undefined;

  const askOnce: AskRegistry = async (path, at) => {
    try {
      const answer = await ask(path, at);
      isKnown = true;
      return answer;
    } catch (error) {
      isKnown ||= error instanceof UnknownSchemaError;
      throw error;
    }
  };

  const isMissing = async (path: string, at: URL): Promise<boolean> => {
    for (let proofs = 0; proofs < GUID_PROOFS; proofs += 1) {
      await pause(REGISTRY_RETRY_BASE_MS * 2 ** proofs);
      // Every registry has its own word for an id, whether it has a schema of that id or not.
      const answersIds = await isAnswered(ask(`/schemas/ids/${MAX_SCHEMA_ID}`, at));
      if (!answersIds || (await isAnswered(askOnce(path, at)))) {
        return false;
      }
    }
    return !isKnown;
  };

  return async (guid) => {
    if (now() < missingUntil) {
      throw noGuids(guid);
    }
    const path = `/schemas/guids/${guid}`;
    try {
      return await askOnce(path);
    } catch (error) {
      if (!(error instanceof UnknownPathError) || isKnown) {
        throw error;
      }
      proving ??= isMissing(path, error.address).finally(() => {
        proving = undefined;
      });
      if (!(await proving)) {
        throw error;
      }
      missingUntil = now() + UNKNOWN_SCHEMA_TTL_MS;
      throw noGuids(guid, error);
    }
  };
}

/** Rejects where neither is seen. */
async function isAnswered(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof UnknownPathError) {
      return false;
    }
    if (error instanceof UnknownSchemaError) {
      return true;
    }
    throw error;
  }
}

function noGuids(guid: string, cause?: UnknownPathError): UndecodableError {
  return new UndecodableError(
    `it names its schema by the GUID ${guid}, and its schema registry knows no GUIDs; was it written for another registry?`,
    cause === undefined ? {} : { cause },
  );
}
