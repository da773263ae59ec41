/** The few ASN.1 shapes (ITU-T X.690, DER) that a certificate is made of. */

export function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

export const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);

export const set = (...parts: Buffer[]): Buffer => der(0x31, ...parts);

export const octets = (content: Buffer): Buffer => der(0x04, content);

export const truth = (): Buffer => der(0x01, Buffer.from([0xff]));

export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

/** A bit string of whole bytes, or with the last bits unused (key usage). */
export const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);

/** A positive integer: a leading zero where the first bit would read as a sign. */
export function integer(content: Buffer): Buffer {
  return der(0x02, (content[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), content]) : content);
}

/** `2026-11-20T03:41:07Z` as a UTCTime (`261120034107Z`), good until 2049. */
export function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

/** An object identifier such as `1.2.840.10045.4.3.2`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
