import { describe, expect, it } from 'vitest';
import { seccompFilter } from '../../src/synth/sandbox/seccomp.ts';

/** What the kernel does with it: runs the filter over one call. */
function verdict(filter: Buffer, call: { arch: number; nr: number; first?: number }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.nr, 0);
  data.writeUInt32LE(call.arch, 4);
  data.writeUInt32LE(call.first ?? 0, 16);
  let value = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const [code, yes, no] = [filter.readUInt16LE(at * 8), filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const k = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x20) value = data.readUInt32LE(k);
    else if (code === 0x06) return k;
    else at += (code === 0x15 ? value === k : code === 0x35 ? value >= k : (value & k) !== 0) ? yes : no;
  }
  throw new Error('it came to no end');
}

const [allow, deny, missing, kill] = [0x7fff0000, 0x00050001, 0x00050026, 0x80000000];

describe.each([
  { arch: 'x64', audit: 0xc000003e, read: 0, socket: 41, clone: 56, ptrace: 101, unshare: 272 },
  { arch: 'arm64', audit: 0xc00000b7, read: 63, socket: 198, clone: 220, ptrace: 117, unshare: 97 },
])('the filter of system calls on $arch', ({ arch, audit, read, socket, clone, ptrace, unshare }) => {
  const filter = seccompFilter(arch) ?? Buffer.alloc(0);
  const says = (nr: number, first = 0) => verdict(filter, { arch: audit, nr, first });

  it('lets Node work', () => {
    expect([says(read), says(clone, 0x3d0f00), says(clone, 17)]).toEqual([allow, allow, allow]);
    expect([1, 2, 10, 16].map((family) => says(socket, family))).toEqual([allow, allow, allow, allow]);
  });

  it('denies what reaches around namespaces', () => {
    expect([ptrace, unshare, 425, 428, 442].map((nr) => says(nr))).toEqual([deny, deny, deny, deny, deny]);
    expect([says(clone, 0x10000011), says(socket, 40), says(socket, 17)]).toEqual([deny, deny, deny]);
    expect(says(435)).toBe(missing);
  });

  it('ends whoever speaks for another architecture', () => {
    expect(verdict(filter, { arch: 0x40000003, nr: read })).toBe(kill);
    expect(says(0x40000000 + read)).toBe(deny);
  });
});

it('there is none for an architecture whose numbers nobody wrote down', () => {
  expect(seccompFilter('riscv64')).toBeUndefined();
});
