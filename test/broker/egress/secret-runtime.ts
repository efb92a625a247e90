import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { Egress } from "../../../src/broker/egress/index.js";
import { Authority, type ResolvedSecret, Secrets } from "../../../src/broker/egress/secrets/index.js";
import { acquireMachine } from "../../../src/machine/index.js";
import type { Machine } from "../../../src/machine/machine.js";
import type { AuditEvent } from "../../../src/policy/audit.js";
import type { NetworkRule, ScopePermission } from "../../../src/policy/permissions.js";
import { checkPermissions } from "../../../src/runtime/options/permissions.js";
import { Runtime } from "../../../src/runtime/runtime.js";
import { FakeResolver, limits } from "./machine.js";

/** A runtime with secrets, whose hosts are one server of the test. */
export interface SecretRuntime extends AsyncDisposable {
  runtime: Runtime;
  /** The machine that the runtime began with. */
  machine: Machine;
  audit: AuditEvent[];
}

/** Starts a server of https that answers for all `hosts`, and a runtime that has secrets for it. */
export async function startWithSecrets(
  secrets: readonly ResolvedSecret[],
  network: ScopePermission<NetworkRule>,
  hosts: Record<string, string[]>,
  answer: RequestListener,
): Promise<SecretRuntime> {
  // The server's own authority, which the host trusts and the guest has never heard of.
  const outside = await Authority.make();
  const server = createServer({ SNICallback: (name, done) => done(null, outside.contextFor(name)) }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const authority = await Authority.make();
  const audit: AuditEvent[] = [];
  const egress = new Egress({
    network: checkPermissions({ network }).network,
    loopbackPorts: [],
    limits,
    onAudit: (event) => audit.push(event),
    resolver: new FakeResolver(hosts),
    connector: () => connect({ port, host: "127.0.0.1", allowHalfOpen: true }),
    secrets: new Secrets(secrets, authority, { ca: outside.certificate }),
  });
  const env = Object.fromEntries(secrets.map(({ name, placeholder }) => [name, placeholder]));
  let first: Machine | null = null;
  const runtime = await Runtime.start({ permissions: { network }, env }, async (options) => {
    const machine = await acquireMachine(options);
    first ??= machine;
    const configure = machine.configure.bind(machine);
    machine.configure = (configuration) =>
      configure({ ...configuration, egress, certificate: authority.certificate });
    return machine;
  });
  return {
    runtime,
    machine: first as unknown as Machine,
    audit,
    async [Symbol.asyncDispose]() {
      await runtime.dispose();
      server.close();
    },
  };
}
