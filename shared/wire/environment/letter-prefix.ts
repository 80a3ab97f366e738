export const LETTER_PREFIX_RULE =
  "expected parts of letters, digits and !-_.*'()=, with a slash between two of them and none at either end";

/** S3's characters that are safe in keys, and `=`; what a URL would take for a folder above is refused. */
export function isLetterPrefix(prefix: string): boolean {
  return prefix.split("/").every((part) => /^[A-Za-z0-9!\-_.*'()=]{1,200}$/.test(part) && !/^\.+$/.test(part));
}
