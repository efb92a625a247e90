import { Egress } from "../broker/egress/index.js";
import { NetworkRules } from "../policy/network.js";
import type { ResolvedCreateOptions } from "./options/create-options.js";
import { tell } from "./tell.js";

/** What a runtime has of the network, for all of its machines. */
export interface WayOut {
  egress: Egress;
  /** What its programs trust beside the usual authorities, as PEM. */
  certificate: string | undefined;
}

/** Opens the way out of a runtime. */
export async function openWayOut(options: ResolvedCreateOptions): Promise<WayOut> {
  const { permissions, loopbackExemptPorts, limits, onAudit, secrets: given } = options;
  const reads = given.length > 0 || NetworkRules.readsHttps(permissions.network);
  const secrets = reads ? await readySecrets(given) : null;
  const egress = new Egress({
    network: permissions.network,
    loopbackPorts: loopbackExemptPorts,
    limits,
    onAudit: onAudit && ((event) => tell(onAudit, event)),
    secrets: secrets?.secrets,
  });
  return { egress, certificate: secrets?.certificate };
}

/** Loaded by those alone who have secrets, or rules about https: it takes a library for certificates, and making keys takes time. */
async function readySecrets(given: ResolvedCreateOptions["secrets"]) {
  const { Authority, Secrets } = await import("../broker/egress/secrets/index.js");
  const authority = await Authority.make();
  return { secrets: new Secrets(given, authority), certificate: authority.certificate };
}
