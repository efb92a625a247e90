import { constants, createPrivateKey, generateKeyPair, privateEncrypt, randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { promisify } from "node:util";
import forge from "node-forge";

const { pki, md } = forge;

/** Certificates are for as long as a runtime may live, and for clocks that are slow. */
const DAYS = 366;
const DAY = 24 * 3600 * 1000;

/** What stands before a SHA-256 in a signature by PKCS #1. */
const SHA256_PREFIX = Buffer.from("3031300d060960864801650304020105000420", "hex");
/** Servers whose certificates are kept; guests may have any number of names to choose from. */
const MAX_CONTEXTS = 256;

interface Key {
  pem: string;
  /** Signs as the library wants it: natively, since its own arithmetic holds up the host a hundred times as long. */
  signer: forge.pki.rsa.PrivateKey;
  public: forge.pki.rsa.PublicKey;
}

function signerOf(pem: string): forge.pki.rsa.PrivateKey {
  const key = createPrivateKey(pem);
  const sign = (digest: forge.md.MessageDigest): string => {
    const bytes = Buffer.concat([SHA256_PREFIX, Buffer.from(digest.digest().getBytes(), "latin1")]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes).toString("latin1");
  };
  return { sign } as unknown as forge.pki.rsa.PrivateKey;
}

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    pem: privateKey,
    signer: signerOf(privateKey),
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
      for (const oldest of this.#contexts.keys()) {
        if (this.#contexts.size <= MAX_CONTEXTS) break;
        this.#contexts.delete(oldest);
      }
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
    certificate.sign(this.#key.signer, md.sha256.create());
    return pki.certificateToPem(certificate);
  }
}
