export { Authority } from "./authority.js";
export type { ResolvedSecret } from "./secret.js";
export { Secrets } from "./secrets.js";
