import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { answer, clientOf, errorOf, serve } from './support.ts';

interface Case {
  says: string;
  status: number;
  body?: unknown;
  reason?: string;
  code: ErrorCode;
  message: RegExp;
  /** Of a PUT; a GET never writes. */
  maybeWritten: boolean;
}

const digestOfLxc = 'detected modified configuration - file changed by other user? Try again.';
const digestOfVm = 'checksum mismatch (file change by other user?)';
const digestOfVm81 = 'checksum missmatch (file change by other user?)';
const noConfig = "Configuration file 'nodes/pve1/lxc/999.conf' does not exist";
const lockFile = "can't lock file '/var/lock/qemu-server/lock-203.conf' - got timeout";
const wrongMemory = { memory: 'value must have a minimum value of 16' };

const cases: Case[] = [
  {
    says: 'an unknown token',
    status: 401,
    body: '',
    reason: 'no such user',
    code: 'PVE_UNAUTHENTICATED',
    message: /401 the API token is not accepted \(no such user\)/,
    maybeWritten: false,
  },
  {
    ...{ says: 'a missing privilege', status: 403, code: 'PVE_FORBIDDEN', maybeWritten: false },
    body: { data: null, message: 'Permission check failed (/vms/200, VM.Config.Memory)\n' },
    message: /403 the API token lacks VM\.Config\.Memory on \/vms\/200$/,
  },
  {
    ...{ says: 'one of several privileges missing', status: 403, code: 'PVE_FORBIDDEN', maybeWritten: false },
    body: { data: null },
    reason: 'Permission check failed (/vms/200, VM.Config.Disk|VM.Config.CPU)',
    message: /lacks VM\.Config\.Disk or VM\.Config\.CPU on \/vms\/200$/,
  },
  {
    says: 'what only root may do',
    status: 403,
    body: { message: 'Permission check failed (user != root@pam)' },
    code: 'PVE_FORBIDDEN',
    message: /may not do this .*root@pam/,
    maybeWritten: false,
  },
  {
    says: 'no such path',
    status: 404,
    body: 'not found',
    reason: 'Not Found',
    code: 'PVE_NOT_FOUND',
    message: /404 Not Found/,
    maybeWritten: false,
  },
  {
    says: 'no such guest',
    status: 500,
    body: { data: null, message: `${noConfig}\n` },
    code: 'PVE_NOT_FOUND',
    message: /nodes\/pve1\/lxc\/999\.conf/,
    maybeWritten: false,
  },
  {
    says: 'no such node',
    status: 500,
    body: { data: null },
    reason: "hostname lookup 'pve9' failed - failed to get address info for: pve9",
    code: 'PVE_NOT_FOUND',
    message: /pve9/,
    maybeWritten: false,
  },
  {
    says: 'no such task',
    status: 400,
    body: { errors: { upid: 'no such task' } },
    reason: 'Parameter verification failed.',
    code: 'PVE_NOT_FOUND',
    message: /no such task/,
    maybeWritten: false,
  },
  {
    ...{
      says: 'a wrong parameter, which may come after others were written',
      status: 400,
      code: 'PVE_REFUSED',
      maybeWritten: true,
    },
    body: { data: null, message: 'Parameter verification failed.\n', errors: wrongMemory },
    message: /400 Parameter verification failed: memory: value must have a minimum value of 16$/,
  },
  {
    says: 'another digest of a container',
    status: 500,
    body: { data: null, message: `${digestOfLxc}\n` },
    code: 'PVE_CONFLICT',
    message: /detected modified/,
    maybeWritten: false,
  },
  {
    says: 'another digest of a VM',
    status: 500,
    body: { data: null, message: `${digestOfVm}\n` },
    code: 'PVE_CONFLICT',
    message: /checksum mismatch/,
    maybeWritten: false,
  },
  {
    says: 'another digest of a VM, as Proxmox VE before 8.2.5 spelt it',
    status: 500,
    body: { data: null },
    reason: digestOfVm81,
    code: 'PVE_CONFLICT',
    message: /checksum missmatch/,
    maybeWritten: false,
  },
  {
    says: 'another digest, in the status line only',
    status: 500,
    body: { data: null },
    reason: digestOfLxc,
    code: 'PVE_CONFLICT',
    message: /detected modified/,
    maybeWritten: false,
  },
  {
    says: 'a locked container',
    status: 500,
    body: { message: 'CT is locked (backup)\n' },
    code: 'PVE_LOCKED',
    message: /CT is locked \(backup\)/,
    maybeWritten: false,
  },
  {
    says: 'a locked VM',
    status: 500,
    body: { data: null },
    reason: 'VM is locked (snapshot)',
    code: 'PVE_LOCKED',
    message: /VM is locked/,
    maybeWritten: false,
  },
  {
    says: 'a lock file that another task holds',
    status: 500,
    body: { message: lockFile },
    code: 'PVE_LOCKED',
    message: /can't lock file/,
    maybeWritten: false,
  },
  {
    says: 'a method that it lacks',
    status: 501,
    body: '',
    reason: "Unexpected content for method 'DELETE'",
    code: 'PVE_REFUSED',
    message: /501 Unexpected content/,
    maybeWritten: false,
  },
  {
    says: 'a failure inside',
    status: 500,
    body: { data: null, message: 'got no worker upid\n' },
    code: 'PVE_FAILED',
    message: /500 got no worker upid/,
    maybeWritten: true,
  },
  {
    says: 'a node that does not answer its proxy',
    status: 596,
    body: '',
    reason: 'Connection timed out',
    code: 'PVE_FAILED',
    message: /596 Connection timed out/,
    maybeWritten: true,
  },
  {
    says: 'a node that its proxy cannot reach',
    status: 595,
    body: '',
    reason: 'No route to host',
    code: 'PVE_FAILED',
    message: /595 No route to host/,
    maybeWritten: true,
  },
  {
    says: 'a page of something in between',
    status: 502,
    body: '<html>bad gateway</html>',
    reason: 'Bad Gateway',
    code: 'PVE_FAILED',
    message: /502 Bad Gateway/,
    maybeWritten: true,
  },
  {
    says: 'a status that is not documented',
    status: 204,
    body: '',
    code: 'PVE_ANSWER_INVALID',
    message: /not documented/,
    maybeWritten: true,
  },
];

describe('an answer that says', () => {
  test.each(cases)('$says ($status) is $code', async ({ status, body, reason, code, message, maybeWritten }) => {
    const server = await serve((_, response) => answer(response, status, body, reason));
    const guest = clientOf(server).api.nodes.$('pve1').lxc.$(200);
    const wrote = await errorOf(guest.config.$put({ memory: 3072, digest: 'd1' }));
    expect(wrote.code).toBe(code);
    expect(wrote.message).toMatch(message);
    expect(wrote.message).toMatch(/^PUT \/nodes\/pve1\/lxc\/200\/config on home: /);
    expect(wrote.details).toMatchObject({ status, method: 'PUT', path: '/nodes/pve1/lxc/200/config', maybeWritten });
    const read = await errorOf(guest.config.$get());
    expect(read).toMatchObject({ code, details: { method: 'GET', maybeWritten: false } });
    expect(server.arrivals.map(({ method }) => method)).toEqual(['PUT', 'GET']);
  });

  test('which parameters are wrong keeps them by name', async () => {
    const server = await serve((_, response) => answer(response, 400, { data: null, errors: wrongMemory }));
    const error = await errorOf(clientOf(server).api.nodes.$('pve1').lxc.$(200).config.$put({ memory: 1 }));
    expect(error.details).toMatchObject({ errors: wrongMemory });
  });

  test('nothing at all is still told by its status', async () => {
    const server = await serve((_, response) => response.writeHead(500, ' ').end());
    expect((await errorOf(clientOf(server).api.version.$get())).message).toBe(
      'GET /version on home: 500 without a word',
    );
  });
});
