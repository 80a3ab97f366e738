/** Lambda answers a failed invocation with the error as JSON. */
export function describeFailure(answer: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(answer);
    return [errorType, errorMessage].filter((part) => typeof part === "string").join(": ") || answer;
  } catch {
    return answer;
  }
}
