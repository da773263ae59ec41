import { expect, it } from 'vitest';
import { upidBegan } from '../../src/texts/upid.ts';

it.each([
  ['UPID:pve1:00000FA0:14997000:6A100000:vzdump:202:terraform@pve!admin:', '2026-05-22T07:04:32Z'],
  ['UPID:pve-2:0003D1F8:0114997000:65F00000:vzdestroy:100:root@pam:', undefined],
  ['UPID:pve1:00000FA0:14997000:nothex00:vzdump::root@pam:', undefined],
  ['local:backup/vzdump-lxc-202.tar.zst', undefined],
])('%s began at %s', (upid, at) => {
  expect(upidBegan(upid)).toBe(at);
});
