import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { GitmendError } from '../../core/errors.ts';

/** Whom a connection believes. Without either, the certificate authorities that Node.js comes with. */
export interface Trust {
  /** PEM text of the CA that signs the API's certificate. */
  ca?: string;
  /** SHA-256 of the leaf certificate; with it alone, any leaf that has it is the right one, self-signed or expired. */
  fingerprint?: string;
}

/** Why a connection is not believed: `found` is the leaf's own fingerprint, where a leaf was seen. */
export interface Mistrust {
  code: string;
  reason: string;
  found?: string;
}

/** Throws CONFIG_INVALID where `ca` is no certificate or `fingerprint` no SHA-256. */
export function checkTrust(cluster: string, { ca, fingerprint }: Trust): void {
  if (fingerprint !== undefined && fingerprintBytes(fingerprint) === undefined) {
    throw new GitmendError(
      'CONFIG_INVALID',
      `fingerprint of cluster ${cluster} is not a SHA-256: 32 pairs of hex digits`,
    );
  }
  if (ca === undefined) return;
  try {
    new X509Certificate(ca);
  } catch {
    throw new GitmendError('CONFIG_INVALID', `ca of cluster ${cluster} holds no PEM certificate`);
  }
}

/**
 * Opens a TLS connection whose peer is who it shall be; nothing is sent over one that is not. TLS 1.2 at least, and
 * never a resumed session, because that one shows no certificate. Rejects with the connection's own error, or with a
 * `Mistrust` as its `mistrust` property.
 */
export function connectTrusted(url: URL, trust: Trust, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(tlsOptions(url, trust));
    const give = () => socket.destroy(new DOMException('timed out', 'TimeoutError'));
    const settle = (then: () => void) => {
      signal.removeEventListener('abort', give);
      then();
    };
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    socket.once('error', (error: Error) => settle(() => reject(error)));
    socket.once('secureConnect', () => {
      const mistrust = pinMistrust(socket, trust);
      if (mistrust !== undefined) socket.destroy();
      const refused = Object.assign(new Error(mistrust?.reason), { code: mistrust?.code, mistrust });
      settle(() => (mistrust === undefined ? resolve(socket) : reject(refused)));
    });
  });
}

function tlsOptions(url: URL, { ca, fingerprint }: Trust): ConnectionOptions {
  // URL keeps the brackets of an IPv6 address; sockets want it without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(ca === undefined ? {} : { ca }),
    // A pin replaces the chain of signatures, never the check: pinMistrust compares before anything is sent.
    rejectUnauthorized: ca !== undefined || fingerprint === undefined,
  };
}

function pinMistrust(socket: TLSSocket, { fingerprint }: Trust): Mistrust | undefined {
  if (fingerprint === undefined) return undefined;
  const leaf = socket.getPeerX509Certificate();
  const expected = fingerprintBytes(fingerprint);
  if (leaf === undefined || expected === undefined) return { code: 'PIN_MISSING', reason: 'it showed no certificate' };
  if (timingSafeEqual(createHash('sha256').update(leaf.raw).digest(), expected)) return undefined;
  const found = leaf.fingerprint256;
  return {
    code: 'PIN_MISMATCH',
    reason: `its certificate has SHA-256 ${found}, not the pinned ${printPin(expected)}`,
    found,
  };
}

/** The 32 bytes of `AA:BB:…`, `aabb…` or `sha256:aabb…`. */
function fingerprintBytes(text: string): Buffer | undefined {
  const hex = text
    .trim()
    .replace(/^sha256:/i, '')
    .replaceAll(':', '');
  return /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

function printPin(bytes: Buffer): string {
  return (bytes.toString('hex').toUpperCase().match(/../g) ?? []).join(':');
}
