import { describe, expect, test } from 'vitest';
import { encodeForm, encodePath } from '../../../src/clients/proxmox/encode.ts';

describe('a path', () => {
  test('keeps plain names as they are', () => {
    expect(encodePath('/api2/json/nodes/pve1/lxc/200/config')).toBe('/api2/json/nodes/pve1/lxc/200/config');
  });

  test('keeps the colons of a task id and encodes its user', () => {
    expect(encodePath('/nodes/pve1/tasks/UPID:pve1:0001:00A1:68:vzreboot:200:a@pve!w:/status')).toBe(
      '/nodes/pve1/tasks/UPID:pve1:0001:00A1:68:vzreboot:200:a%40pve!w:/status',
    );
  });

  test('gives a name no way to another path, a query or a fragment', () => {
    expect(encodePath('/nodes/pve1%2F..%2Faccess/status')).toBe('/nodes/pve1%2F..%2Faccess/status');
    expect(encodePath('/nodes/a?b=c#d/status')).toBe('/nodes/a%3Fb%3Dc%23d/status');
    expect(encodePath('/nodes/%2e%2e/status')).toBe('/nodes/%252e%252e/status');
  });

  test.each(['/nodes/../access', '/nodes/./status', '/nodes//status'])('refuses %s', (path) => {
    expect(() => encodePath(path)).toThrow(/no segment of a path/);
  });
});

describe('a form', () => {
  test('sends booleans as 1 and 0 and leaves out what is undefined', () => {
    expect(encodeForm({ current: true, full: false, snapshot: undefined, memory: 3072 })).toBe(
      'current=1&full=0&memory=3072',
    );
  });

  test('encodes what would end a value', () => {
    expect(encodeForm({ description: 'a&b=c d\nü' })).toBe('description=a%26b%3Dc+d%0A%C3%BC');
  });

  test('refuses what no parameter can be', () => {
    expect(() => encodeForm({ memory: Number.NaN })).toThrow(/parameter memory/);
    expect(() => encodeForm({ memory: { size: 1 } })).toThrow(/parameter memory/);
  });
});
