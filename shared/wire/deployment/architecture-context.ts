/**
 * The context value that names the functions' architecture, `arm64` or `x86_64`, for a whole app: a local endpoint runs
 * them by its own machine's Node.js.
 */
export const ARCHITECTURE_CONTEXT = "kafka-offset-ranges:architecture";
