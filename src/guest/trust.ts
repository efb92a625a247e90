import { type Internal, internalBinding, primordials } from "./internals.js";

const { ObjectDefineProperty, ReflectApply } = primordials;

/** The authority of the runtime, as PEM; none without secrets. */
let certificate: string | null = null;

/** `crypto.getExtraCACertificates` */
export function extraCertificates(): string[] {
  return certificate === null ? [] : [certificate];
}

/** Has all that trusts the usual authorities trust this one too, as `NODE_EXTRA_CA_CERTS` does. */
export function trustCertificate(pem: string): void {
  certificate = pem;
  const { SecureContext } = internalBinding("crypto");
  const { addRootCerts, addCACert } = SecureContext.prototype;
  ObjectDefineProperty(SecureContext.prototype, "addRootCerts", {
    __proto__: null,
    configurable: true,
    writable: true,
    value(this: Internal): void {
      ReflectApply(addRootCerts, this, []);
      ReflectApply(addCACert, this, [pem]);
    },
  });
}
