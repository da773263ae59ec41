import { X509Certificate, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, der, integer, octets, oid, sequence, set, truth, utcTime, utf8 } from './der.ts';

export interface Certificates {
  /** The CA that a client trusts, PEM (on a real node `/etc/pve/pve-root-ca.pem`). */
  caPem: string;
  certPem: string;
  keyPem: string;
  /** SHA-256 of the server's certificate, `AA:BB:…`, as PVE shows it (`PVE::Cluster::get_node_fingerprint`). */
  fingerprint: string;
}

const day = 86_400_000;
const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/**
 * Makes a CA of its own and one server certificate for the names, as `pvecm updatecerts` does on a node's first start.
 * Valid from the day before to ten years after `now` (milliseconds): a scenario clock may stand anywhere near.
 * RFC 5280; P-256, because key generation takes a millisecond and a start must not be felt. Written out here, because
 * the libraries that make certificates want a reflection polyfill in every program that starts a stand-in.
 */
export function makeCertificates(names: readonly string[], now: number): Certificates {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caName = 'Proxmox Virtual Environment (simulated)';
  const validity = { from: now - day, to: now + 3650 * day };
  const caDer = certificate({ subject: caName, issuer: caName, key: ca.publicKey, signer: ca.privateKey, validity }, [
    extension('2.5.29.19', sequence(truth()), true), // basicConstraints: a CA
    extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true), // keyUsage: keyCertSign, cRLSign
  ]);
  const subject = names[0] ?? 'localhost';
  const leafDer = certificate({ subject, issuer: caName, key: leaf.publicKey, signer: ca.privateKey, validity }, [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true), // digitalSignature
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // serverAuth
    extension('2.5.29.17', sequence(...names.map(alternativeName))),
  ]);
  return {
    caPem: pem(caDer),
    certPem: pem(leafDer),
    keyPem: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: new X509Certificate(leafDer).fingerprint256,
  };
}

interface Subject {
  subject: string;
  issuer: string;
  key: KeyObject;
  signer: KeyObject;
  validity: { from: number; to: number };
}

function certificate({ subject, issuer, key, signer, validity }: Subject, extensions: Buffer[]): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) | 0x40; // never a leading zero byte: DER wants the shortest form
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ecdsaSha256,
    commonName(issuer),
    sequence(utcTime(validity.from), utcTime(validity.to)),
    commonName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  return sequence(body, ecdsaSha256, bits(sign('sha256', body, { key: signer, dsaEncoding: 'der' })));
}

const commonName = (name: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(name))));

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octets(value));
}

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return der(0x87, Buffer.from(name.split('.').map(Number)));
  return der(0x82, Buffer.from(name));
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
