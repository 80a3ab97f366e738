// Clean environment
//
// What the programs of the local stack get of the shell that starts them. A function of
// MiniStack inherits all that MiniStack has, so that a variable which the shell happens to
// have would configure it, or be refused by it.

/** What a program needs to be found, to run, and to reach the network as the user does. */
const KEPT: ReadonlySet<string> = new Set([
  ...["HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "TEMP", "TMP", "TMPDIR", "TZ", "USER"],
  "JAVA_HOME",
  ...["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "https_proxy", "http_proxy", "no_proxy"],
  ...["CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"],
]);

/** Of the language, and of the managers whose stand-ins for `java` and `python3` PATH may have. */
const KEPT_PREFIXES = ["LC_", "ASDF_", "JENV_", "MISE_", "PYENV_"];

export function cleanEnvironment(shell: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(shell).filter(
    ([name]) => KEPT.has(name) || KEPT_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  const isProxied = kept.some(([name]) => /^(?:all|https?)_proxy$/i.test(name));
  return { ...Object.fromEntries(kept), ...(isProxied ? withoutProxyHere(shell) : {}) };
}

/** What runs on this machine is not asked for by way of a proxy. */
function withoutProxyHere({ NO_PROXY, no_proxy }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = (NO_PROXY ?? no_proxy ?? "").split(",").filter((host) => host !== "");
  const hosts = [...new Set([...named, "127.0.0.1", "localhost"])].join(",");
  return { NO_PROXY: hosts, no_proxy: hosts };
}
