import {
  type Connector,
  type DatagramConnector,
  Egress,
  type NameResolver,
} from "../../../src/broker/egress/index.js";
import { acquireMachine } from "../../../src/machine/index.js";
import type { AuditEvent } from "../../../src/policy/audit.js";
import type { NetworkRule, ScopePermission } from "../../../src/policy/permissions.js";
import type { MachineHandle } from "../../../src/runtime/launcher.js";
import { checkPermissions } from "../../../src/runtime/options/permissions.js";
import { Runtime } from "../../../src/runtime/runtime.js";
import { limits } from "./machine.js";

/** A runtime whose way out leads to a resolver and a connector of the test. */
export async function startRuntime(
  network: ScopePermission<NetworkRule>,
  ends: {
    resolver: NameResolver;
    connector?: Connector;
    datagramConnector?: DatagramConnector;
    onAudit?: (event: AuditEvent) => void;
  },
): Promise<Runtime> {
  const { network: rules } = checkPermissions({ network });
  const egress = new Egress({
    network: rules,
    loopbackPorts: [],
    limits: { ...limits, connections: 64 },
    ...ends,
  });
  return await Runtime.start({ permissions: { network } }, async (options) => {
    const machine = await acquireMachine(options);
    const configure = machine.configure.bind(machine);
    machine.configure = (configuration) => configure({ ...configuration, egress });
    return machine as MachineHandle;
  });
}
