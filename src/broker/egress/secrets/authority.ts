import { generateKeyPair, randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { promisify } from "node:util";
import forge from "node-forge";

const { pki, md } = forge;

/** Certificates are for as long as a runtime may live, and for clocks that are slow. */
const DAYS = 366;
const DAY = 24 * 3600 * 1000;

interface Key {
  pem: string;
  private: forge.pki.rsa.PrivateKey;
  public: forge.pki.rsa.PublicKey;
}

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    pem: privateKey,
    private: pki.privateKeyFromPem(privateKey),
    public: pki.publicKeyFromPem(publicKey),
  };
}

/** An authority for certificates that one runtime trusts and nobody else. Its keys stay in this process. */
export class Authority {
  /** What the runtime's programs trust, as PEM. */
  readonly certificate: string;
  readonly #key: Key;
  /** One key for all servers: they are one process. */
  readonly #serverKey: Key;
  readonly #subject: forge.pki.CertificateField[];
  readonly #contexts = new Map<string, SecureContext>();

  private constructor(key: Key, serverKey: Key) {
    this.#key = key;
    this.#serverKey = serverKey;
    this.#subject = [{ name: "commonName", value: `secure-exec ${randomBytes(8).toString("hex")}` }];
    this.certificate = this.#sign(key, this.#subject, [
      { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
      { name: "subjectKeyIdentifier" },
    ]);
  }

  static async make(): Promise<Authority> {
    return new Authority(await makeKey(), await makeKey());
  }

  /** What a server by this name speaks TLS with. */
  contextFor(name: string): SecureContext {
    let context = this.#contexts.get(name);
    if (context === undefined) {
      const cert = this.#sign(
        this.#serverKey,
        [{ name: "commonName", value: name.slice(0, 64) }],
        [
          { name: "basicConstraints", cA: false, critical: true },
          { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
          { name: "extKeyUsage", serverAuth: true },
          { name: "subjectAltName", altNames: [{ type: 2, value: name }] },
        ],
      );
      context = createSecureContext({ key: this.#serverKey.pem, cert, minVersion: "TLSv1.2" });
      this.#contexts.set(name, context);
    }
    return context;
  }

  #sign(key: Key, subject: forge.pki.CertificateField[], extensions: object[]): string {
    const certificate = pki.createCertificate();
    certificate.publicKey = key.public;
    // Positive, as the standard has it.
    certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
    certificate.validity.notBefore = new Date(Date.now() - DAY);
    certificate.validity.notAfter = new Date(Date.now() + DAYS * DAY);
    certificate.setSubject(subject);
    certificate.setIssuer(this.#subject);
    certificate.setExtensions(extensions);
    certificate.sign(this.#key.private, md.sha256.create());
    return pki.certificateToPem(certificate);
  }
}
