import { requireBuiltin } from "../internals.js";
import { optionValue } from "../options.js";

/**
 * Has `fetch` go by the proxies that variables name, where the command line asks for it; agents of `http`
 * look by themselves.
 */
export function useProxies({ HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy }: NodeJS.ProcessEnv): void {
  if (!optionValue("--use-env-proxy")) return;
  if (!HTTP_PROXY && !HTTPS_PROXY && !http_proxy && !https_proxy) return;
  const { setGlobalDispatcher, EnvHttpProxyAgent } = requireBuiltin("internal/deps/undici/undici");
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
