import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { ConfigurationError, DispatchError } from "../core/errors.ts";

/** Invokes one function and waits for its answer. */
export type FunctionInvoker = (event: object) => Promise<unknown>;

/** The invoker throws ConfigurationError for what the function refuses, DispatchError when it fails. */
export function createFunctionInvoker(client: LambdaClient, functionName: string): FunctionInvoker {
  return async (event) => {
    const answer = await invoke(client, functionName, event);
    const payload: unknown = answer.text === "" ? undefined : JSON.parse(answer.text);
    if (!answer.isError) {
      return payload;
    }
    const { errorType = "Error", errorMessage = "no reason is given" } = (payload ?? {}) as Partial<
      Record<"errorType" | "errorMessage", string>
    >; // As Lambda writes an error; what is not there is left out.
    throw errorType === "ConfigurationError"
      ? new ConfigurationError(errorMessage)
      : new DispatchError(`${errorMessage} (${errorType} of function ${functionName})`);
  };
}

async function invoke(
  client: LambdaClient,
  functionName: string,
  event: object,
): Promise<{ readonly text: string; readonly isError: boolean }> {
  try {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
    );
    const text = Payload === undefined ? "" : Buffer.from(Payload).toString();
    return { text, isError: FunctionError !== undefined };
  } catch (cause) {
    if (cause instanceof ConfigurationError) {
      throw cause;
    }
    const why = cause instanceof Error && cause.name === "Error" ? cause.message : String(cause);
    throw new DispatchError(`${why} (function ${functionName} was not invoked)`, { cause });
  }
}
