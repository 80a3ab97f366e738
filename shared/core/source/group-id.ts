/** As long as a topic's name may be, and far below what a request takes. */
const MAX_GROUP_ID_LENGTH = 249;

/** Why it cannot be a consumer group's id; undefined where it may be one. */
export function groupIdProblem(id: string): string | undefined {
  if (id === "") {
    return "it is empty";
  }
  return id.length > MAX_GROUP_ID_LENGTH ? `it has more than ${MAX_GROUP_ID_LENGTH} characters` : undefined;
}
